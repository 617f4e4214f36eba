/**
 * Every error that the suite raises, in one table. `docs/errors.md` has one heading a code, held by a test.
 * A code says where and what: `BULWARK_ERR_<PLUGIN>_<WHAT>`. Control flow reads codes, never messages.
 */
const TABLE = {
  BULWARK_ERR_BULWARK_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the bulwark plugin has a name that it does not know.' },
  BULWARK_ERR_BULWARK_OPTION_INVALID: { statusCode: 500, summary: 'An option of the bulwark plugin is missing, or has a value that it refuses.' },
  BULWARK_ERR_HEADERS_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the headers plugin has a name that it does not know.' },
  BULWARK_ERR_HEADERS_OPTION_INVALID: { statusCode: 500, summary: 'An option of the headers plugin has a value that it refuses.' },
  BULWARK_ERR_HEADERS_POLICY_INVALID: { statusCode: 500, summary: 'A Content-Security-Policy breaks the grammar of CSP Level 3.' },
  BULWARK_ERR_HEADERS_POLICY_WEAK: { statusCode: 500, summary: 'The lint of the headers plugin found a weakness, and `lint: \'error\'` was asked for.' },
  BULWARK_ERR_HEADERS_NONCE_WEAK: { statusCode: 500, summary: 'The nonce generator gave a value that is malformed, repeated or shorter than 128 bit.' },
  BULWARK_ERR_HEADERS_NONCE_LATE: { statusCode: 500, summary: 'The nonce was first read after the headers of the reply had been written.' },
  BULWARK_ERR_HEADERS_NONCE_SHARED: { statusCode: 500, summary: 'A reply with a nonce was meant for shared caches; it was made private.' },
  BULWARK_ERR_HEADERS_NONCE_UNPLACED: { statusCode: 500, summary: 'A nonce was read on a page whose policy has no place for it.' },
  BULWARK_ERR_HEADERS_SENT: { statusCode: 500, summary: 'Security headers were asked for after the headers of the reply had left.' },
  BULWARK_ERR_HEADERS_MISSING: { statusCode: 500, summary: 'Security headers were asked for where the headers plugin is not registered.' },
  BULWARK_ERR_HEADERS_SOURCE_REFUSED: { statusCode: 400, summary: 'The request asked for a source that the policy cannot admit.' },
  BULWARK_ERR_TRANSPORT_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the transport plugin has a name that it does not know.' },
  BULWARK_ERR_TRANSPORT_OPTION_INVALID: { statusCode: 500, summary: 'An option of the transport plugin has a value that it refuses.' },
  BULWARK_ERR_TRANSPORT_SCHEME_INVALID: { statusCode: 400, summary: 'The request was forwarded under a scheme that is neither http nor https.' },
  BULWARK_ERR_TRANSPORT_HOST_MALFORMED: { statusCode: 400, summary: 'The request names no host, several, or one that is malformed.' },
  BULWARK_ERR_TRANSPORT_HOST_REFUSED: { statusCode: 421, summary: 'The request names a host that this server does not answer under.' },
  BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED: { statusCode: 403, summary: 'The request must be made over https.' },
  BULWARK_ERR_TRANSPORT_PROXY_UNHEARD: { statusCode: 500, summary: 'A proxy says that it was asked over https, and `trustProxy` does not name it.' },
  BULWARK_ERR_TRANSPORT_COOKIE_WITHHELD: { statusCode: 500, summary: 'A cookie was kept back from a reply over plain http.' },
  BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the integrity plugin has a name that it does not know.' },
  BULWARK_ERR_INTEGRITY_OPTION_INVALID: { statusCode: 500, summary: 'An option of the integrity plugin has a value that it refuses.' },
  BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE: { statusCode: 500, summary: 'A root of the integrity plugin is no folder that can be read, or holds too much.' },
  BULWARK_ERR_INTEGRITY_LOCK_INVALID: { statusCode: 500, summary: 'The lock file of remote assets cannot be used.' },
  BULWARK_ERR_INTEGRITY_VITE_INVALID: { statusCode: 500, summary: 'The manifest of the Vite build cannot be used.' },
  BULWARK_ERR_INTEGRITY_FILE_SKIPPED: { statusCode: 500, summary: 'A file below a root has no integrity metadata: it is a link that leads out of the root, too large, or unreadable.' },
  BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN: { statusCode: 500, summary: 'Integrity metadata were asked for of an asset that is not known.' },
  BULWARK_ERR_INTEGRITY_ASSET_CHANGED: { statusCode: 500, summary: 'An asset on disk is not the one that was hashed at start: browsers refuse it.' },
  BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID: { statusCode: 500, summary: 'A tag was asked for with an attribute that it cannot have, or without one that it needs.' },
  BULWARK_ERR_INTEGRITY_HTML_UNDECIDED: { statusCode: 500, summary: 'The inline scripts of an HTML file cannot be told for certain.' },
  BULWARK_ERR_SESSION_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the session plugin has a name that it does not know.' },
  BULWARK_ERR_SESSION_OPTION_INVALID: { statusCode: 500, summary: 'An option of the session plugin has a value that it refuses.' },
  BULWARK_ERR_SESSION_KEY_INVALID: { statusCode: 500, summary: 'A key of the session plugin is missing, malformed, weak or given twice.' },
  BULWARK_ERR_SESSION_COOKIE_INVALID: { statusCode: 500, summary: 'The cookie of the session has attributes that browsers refuse or that give its protection away.' },
  BULWARK_ERR_SESSION_CODEC_MISSING: { statusCode: 500, summary: 'The codec of the session plugin could not be loaded.' },
  BULWARK_ERR_SESSION_MISSING: { statusCode: 500, summary: 'A session was asked for where the session plugin is not registered.' },
  BULWARK_ERR_SESSION_STORE_MISSING: { statusCode: 500, summary: 'The list of sessions was asked for, and the session plugin has no store.' },
  BULWARK_ERR_SESSION_STORE_DOWN: { statusCode: 503, summary: 'Sessions cannot be verified or changed at the moment.' },
  BULWARK_ERR_SESSION_USER_INVALID: { statusCode: 500, summary: 'A session was to be signed in with a user id or a label that cannot be kept.' },
  BULWARK_ERR_SESSION_VALUE_INVALID: { statusCode: 400, summary: 'A value cannot be kept in the session.' },
  BULWARK_ERR_SESSION_TOO_LARGE: { statusCode: 413, summary: 'The session would be larger than a cookie may be.' },
  BULWARK_ERR_SESSION_LATE: { statusCode: 500, summary: 'The session was changed after the headers of the reply had left.' },
  BULWARK_ERR_SESSION_LOGIN_REQUIRED: { statusCode: 401, summary: 'This needs a signed-in user.' },
  BULWARK_ERR_SESSION_FRESH_REQUIRED: { statusCode: 401, summary: 'This needs a user who signed in a short while ago.' },
  BULWARK_ERR_SESSION_LIMIT_REACHED: { statusCode: 409, summary: 'The user has as many sessions as are allowed.' },
  BULWARK_ERR_SESSION_REMEMBER_OFF: { statusCode: 500, summary: 'A login asked for a device to be remembered where none is.' },
  BULWARK_ERR_SESSION_STORE_INVALID: { statusCode: 500, summary: 'A store of sessions was made with an option or a client that it refuses.' },
  BULWARK_ERR_CSRF_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the csrf plugin has a name that it does not know.' },
  BULWARK_ERR_CSRF_OPTION_INVALID: { statusCode: 500, summary: 'An option of the csrf plugin has a value that it refuses.' },
  BULWARK_ERR_CSRF_REFUSED: { statusCode: 403, summary: 'The request does not prove that it comes from this site.' },
  BULWARK_ERR_CSRF_TOKEN_LATE: { statusCode: 500, summary: 'A token was first asked for after the headers of the reply had been written.' },
  BULWARK_ERR_INPUT_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the input plugin has a name that it does not know.' },
  BULWARK_ERR_INPUT_OPTION_INVALID: { statusCode: 500, summary: 'An option of the input plugin has a value that it refuses.' },
  BULWARK_ERR_INPUT_FORM_INVALID: { statusCode: 500, summary: 'The option `form` of a route cannot be used as it is.' },
  BULWARK_ERR_INPUT_FORM_MISSING: { statusCode: 500, summary: 'The form of a request was used on a route whose body the input plugin does not read.' },
  BULWARK_ERR_INPUT_ROUTE_EARLY: { statusCode: 500, summary: 'A route that reads a body was declared before the input plugin was registered.' },
  BULWARK_ERR_INPUT_SCHEMA_INVALID: { statusCode: 500, summary: 'A schema cannot be compiled.' },
  BULWARK_ERR_INPUT_SCHEMA_WEAK: { statusCode: 500, summary: 'The lint of the input plugin found a weakness in a schema, and `lint: \'error\'` is the default.' },
  BULWARK_ERR_INPUT_HTML_UNSAFE: { statusCode: 500, summary: 'A template has a value in a place where no escaping makes it harmless.' },
  BULWARK_ERR_INPUT_CHECK_TIMEOUT: { statusCode: 500, summary: 'A check of the form took longer than it may.' },
  BULWARK_ERR_INPUT_CHECK_ABORTED: { statusCode: 400, summary: 'The client went before its form was checked.' },
  BULWARK_ERR_INPUT_REDIRECT_REFUSED: { statusCode: 400, summary: 'The address to go on to is not a path of this site.' },
  BULWARK_ERR_INPUT_IDENTIFIER_REFUSED: { statusCode: 400, summary: 'A name that was asked for is not on the list of those that may be used in SQL.' },
  BULWARK_ERR_INPUT_MEDIA_TYPE: { statusCode: 415, summary: 'The body is of a kind that this address does not read.' },
  BULWARK_ERR_INPUT_BODY_REFUSED: { statusCode: 400, summary: 'The body is malformed: its encoding, its depth, its size or a field that was sent twice.' },
  BULWARK_ERR_INPUT_REQUEST_INVALID: { statusCode: 400, summary: 'The address or a header of the request has a value that is not admitted.' },
  BULWARK_ERR_FILES_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the files plugin has a name that it does not know.' },
  BULWARK_ERR_FILES_OPTION_INVALID: { statusCode: 500, summary: 'An option of the files plugin has a value that it refuses.' },
  BULWARK_ERR_FILES_FORM_INVALID: { statusCode: 500, summary: 'What a route says of its files cannot be used as it is.' },
  BULWARK_ERR_FILES_MULTIPART_MISSING: { statusCode: 500, summary: 'A route takes files, and @fastify/multipart is not registered.' },
  BULWARK_ERR_FILES_MULTIPART_CONSUMED: { statusCode: 500, summary: 'Something else read the body before the files plugin.' },
  BULWARK_ERR_FILES_UPLOADS_MISSING: { statusCode: 500, summary: 'The property `request.uploads` was used on a route whose files the plugin does not read.' },
  BULWARK_ERR_FILES_DOWNLOAD_INVALID: { statusCode: 500, summary: 'The method `reply.download` was called with what it cannot send.' },
  BULWARK_ERR_FILES_STORE_FAILED: { statusCode: 500, summary: 'A file could not be kept.' },
  BULWARK_ERR_FILES_MEDIA_TYPE: { statusCode: 415, summary: 'The body is of a kind that this address does not read.' },
  BULWARK_ERR_FILES_BODY_REFUSED: { statusCode: 400, summary: 'The form is malformed, or ended early.' },
  BULWARK_ERR_FILES_FIELD_UNKNOWN: { statusCode: 400, summary: 'A file was sent in a field that takes none.' },
  BULWARK_ERR_FILES_FIELD_TOO_LONG: { statusCode: 413, summary: 'A field of the form is longer than it may be.' },
  BULWARK_ERR_FILES_TOO_LARGE: { statusCode: 413, summary: 'A file, or the form as a whole, is larger than it may be.' },
  BULWARK_ERR_FILES_TOO_MANY: { statusCode: 413, summary: 'The form has more files or fields than it may have.' },
  BULWARK_ERR_FILES_TYPE_REFUSED: { statusCode: 422, summary: 'A file is of a kind that is not admitted, or its name says another kind than its content.' },
  BULWARK_ERR_FILES_CONTENT_REFUSED: { statusCode: 422, summary: 'A file is damaged, or holds what is not admitted.' },
  BULWARK_ERR_FILES_REQUIRED: { statusCode: 422, summary: 'A file is missing.' },
  BULWARK_ERR_FILES_NOT_FOUND: { statusCode: 404, summary: 'There is no such file.' },
  BULWARK_ERR_REDIRECT_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the redirect plugin has a name that it does not know.' },
  BULWARK_ERR_REDIRECT_OPTION_INVALID: { statusCode: 500, summary: 'An option of the redirect plugin has a value that it refuses.' },
  BULWARK_ERR_REDIRECT_KEYS_MISSING: { statusCode: 500, summary: 'A target was to be signed or verified, and the redirect plugin has no keys.' },
  BULWARK_ERR_REDIRECT_UNSAFE: { statusCode: 400, summary: 'The request would lead to an address that is not allowed.' },
  BULWARK_ERR_REDIRECT_NEXT_REFUSED: { statusCode: 400, summary: 'The signed target of the request is forged, expired or meant for somebody else.' }
} as const

/** One of the codes of the table above. */
export type ErrorCode = keyof typeof TABLE

/** What the table says of one code. */
export interface ErrorEntry {
  /** HTTP status for a reply that this error ends: 4xx where the client caused it, 500 where the program did. */
  readonly statusCode: number
  /** One sentence, safe to show to a client. */
  readonly summary: string
}

/** The table from code to status and summary, frozen. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = Object.freeze(TABLE)

/**
 * The one error class of the suite.
 *
 * Its message is the fixed sentence of the table unless a longer one is given, which start-up errors do: they go to the
 * operator. What a client may see at request time is always the fixed sentence; the detail belongs in `request.log`.
 */
export class SecurityError extends Error {
  /** Stable identifier from the table; the only part of an error that a program should look at. */
  readonly code: ErrorCode
  /** HTTP status that Fastify's error handler answers with. */
  readonly statusCode: number

  constructor (code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? ERRORS[code].summary, options)
    this.name = 'SecurityError'
    this.code = code
    this.statusCode = ERRORS[code].statusCode
  }
}
