/**
 * Every error that the suite raises, in one table. `docs/errors.md` has one heading a code, held by a test.
 * A code says where and what: `BULWARK_ERR_<PLUGIN>_<WHAT>`. Control flow reads codes, never messages.
 */
const TABLE = {
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
  BULWARK_ERR_FILES_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the files plugin has a name that it does not know.' },
  BULWARK_ERR_FILES_OPTION_INVALID: { statusCode: 500, summary: 'An option of the files plugin has a value that it refuses.' },
  BULWARK_ERR_FILES_FORM_INVALID: { statusCode: 500, summary: 'The option `form.files` of a route cannot be used as it is.' },
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
  BULWARK_ERR_TRANSPORT_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the transport plugin has a name that it does not know.' },
  BULWARK_ERR_TRANSPORT_OPTION_INVALID: { statusCode: 500, summary: 'An option of the transport plugin has a value that it refuses.' },
  BULWARK_ERR_TRANSPORT_SCHEME_INVALID: { statusCode: 400, summary: 'The request was forwarded under a scheme that is neither http nor https.' },
  BULWARK_ERR_TRANSPORT_HOST_MALFORMED: { statusCode: 400, summary: 'The request names no host, several, or one that is malformed.' },
  BULWARK_ERR_TRANSPORT_HOST_REFUSED: { statusCode: 421, summary: 'The request names a host that this server does not answer under.' },
  BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED: { statusCode: 403, summary: 'The request must be made over https.' },
  BULWARK_ERR_TRANSPORT_PROXY_UNHEARD: { statusCode: 500, summary: 'A proxy says that it was asked over https, and `trustProxy` does not name it.' },
  BULWARK_ERR_TRANSPORT_COOKIE_WITHHELD: { statusCode: 500, summary: 'A cookie was kept back from a reply over plain http.' },
  BULWARK_ERR_INPUT_OPTION_UNKNOWN: { statusCode: 500, summary: 'An option of the input plugin has a name that it does not know.' },
  BULWARK_ERR_INPUT_OPTION_INVALID: { statusCode: 500, summary: 'An option of the input plugin has a value that it refuses.' },
  BULWARK_ERR_INPUT_FORM_INVALID: { statusCode: 500, summary: 'The option `form` of a route cannot be used as it is.' },
  BULWARK_ERR_INPUT_FORM_MISSING: { statusCode: 500, summary: 'The form of a request was used on a route whose body the input plugin does not read.' },
  BULWARK_ERR_INPUT_SCHEMA_INVALID: { statusCode: 500, summary: 'A schema cannot be compiled.' },
  BULWARK_ERR_INPUT_SCHEMA_WEAK: { statusCode: 500, summary: 'The lint of the input plugin found a weakness in a schema, and `lint: \'error\'` is the default.' },
  BULWARK_ERR_INPUT_HTML_UNSAFE: { statusCode: 500, summary: 'A template has a value in a place where no escaping makes it harmless.' },
  BULWARK_ERR_INPUT_CHECK_TIMEOUT: { statusCode: 500, summary: 'A check of the form took longer than it may.' },
  BULWARK_ERR_INPUT_REDIRECT_REFUSED: { statusCode: 400, summary: 'The address to go on to is not a path of this site.' },
  BULWARK_ERR_INPUT_IDENTIFIER_REFUSED: { statusCode: 400, summary: 'A name that was asked for is not on the list of those that may be used in SQL.' },
  BULWARK_ERR_INPUT_MEDIA_TYPE: { statusCode: 415, summary: 'The body is of a kind that this address does not read.' },
  BULWARK_ERR_INPUT_BODY_REFUSED: { statusCode: 400, summary: 'The body is malformed: its encoding, its depth, its size or a field that was sent twice.' },
  BULWARK_ERR_INPUT_REQUEST_INVALID: { statusCode: 400, summary: 'The address or a header of the request has a value that is not admitted.' },
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
