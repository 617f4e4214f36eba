import type { DirectiveKind, DirectiveName } from './csp-directives.ts'
import { kindOfDirective } from './csp-directives.ts'

/** Stands in a source list for the nonce of the reply; it becomes `'nonce-…'` where the nonce was read and nothing where it was not. */
export const NONCE = "'nonce'"

const CODE_KEYWORDS = ["'unsafe-inline'", "'unsafe-hashes'", "'report-sample'"]
const STYLE_KEYWORDS = ["'self'", ...CODE_KEYWORDS, NONCE]
const SCRIPT_KEYWORDS = [...STYLE_KEYWORDS, "'strict-dynamic'", "'unsafe-eval'", "'wasm-unsafe-eval'", "'trusted-types-eval'",
  "'inline-speculation-rules'", "'report-sha256'", "'report-sha384'", "'report-sha512'"]

const KEYWORDS: Readonly<Partial<Record<DirectiveKind, readonly string[]>>> = {
  sources: ["'self'"],
  scripts: SCRIPT_KEYWORDS,
  styles: STYLE_KEYWORDS,
  code: SCRIPT_KEYWORDS,
  handlers: CODE_KEYWORDS
}

/** Words that stand for a keyword when quoted, and for a host of that name when not. */
const BARE_WORDS: ReadonlySet<string> = new Set([...SCRIPT_KEYWORDS, "'none'"].map((keyword) => keyword.slice(1, -1)))

const SANDBOX_WORDS = ['allow-downloads', 'allow-forms', 'allow-modals', 'allow-orientation-lock', 'allow-pointer-lock', 'allow-popups',
  'allow-popups-to-escape-sandbox', 'allow-presentation', 'allow-same-origin', 'allow-scripts', 'allow-storage-access-by-user-activation',
  'allow-top-navigation', 'allow-top-navigation-by-user-activation', 'allow-top-navigation-to-custom-protocols']

// CSP3 §2.3.1: hash-source. The lengths are those of 32, 48 and 64 bytes in base64.
const HASH = /^'sha(?:256-[A-Za-z0-9+/_-]{43}=|384-[A-Za-z0-9+/_-]{64}|512-[A-Za-z0-9+/_-]{86}==)'$/
// CSP3 §2.3.1: scheme-source = scheme-part ":" (RFC 3986 §3.1).
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:$/
// CSP3 §2.3.1: host-source = [ scheme-part "://" ] host-part [ ":" port-part ] [ path-part ];
// path-part is path-absolute of RFC 3986 without ";", "," and "'", which must be percent-encoded: a quote stands in keywords, nonces and hashes alone.
const HOST = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?(?:\*|(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?)(?::(?<port>[0-9]+|\*))?(?:\/(?:[A-Za-z0-9._~!$&()*+=:@/-]|%[0-9A-Fa-f]{2})*)?$/
// Trusted Types §4.2: tt-policy-name.
const POLICY_NAME = /^[A-Za-z0-9\-#=_/@.%]+$/
// RFC 9110 §5.6.2 token, as `report-to` has it, without "'".
const TOKEN = /^[A-Za-z0-9!#$%&*+\-.^_`|~]+$/
// A URI reference that cannot end the directive or the policy, without "'".
const URL_REFERENCE = /^[A-Za-z0-9\-._~:/?#[\]@!$&()*+=%]+$/
// What may never stand in an expression: it would end it, its directive or its policy, or is no text of a header.
const NEVER = /[^\x21-\x7e]|[;,]/
/** Characters in one expression: far more than any host and path, far less than a header may hold. */
const LONGEST = 1024

/** The hash sources, whatever their algorithm. */
export function isHash (source: string): boolean {
  return HASH.test(source)
}

/** True for what names no host: `https:`, `data:`, and the wildcard in all its spellings, as `*`, `https://*` and `*:443`. */
export function isOpen (source: string): boolean {
  return SCHEME.test(source) || isWildcard(source)
}

/** True for `*` in all its spellings. */
export function isWildcard (source: string): boolean {
  return /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?\*(?:[:/]|$)/.test(source)
}

/**
 * Why `value` is not one expression that the directive allows; `undefined` when it is one.
 * One element of an option's array is exactly one expression: nothing in it may end an expression, a directive or a policy.
 */
export function faultOf (directive: DirectiveName, value: string): string | undefined {
  if (value.length > LONGEST) return `An expression has ${LONGEST} characters at the most.`
  if (NEVER.test(value)) return faultOfCharacters(value)
  const kind = kindOfDirective(directive)
  switch (kind) {
    case 'sandbox': return SANDBOX_WORDS.includes(value) ? undefined : `Expected one of ${SANDBOX_WORDS.join(' ')}.`
    case 'sinks': return value === "'script'" ? undefined : "The only value is `'script'`, in single quotes."
    case 'webrtc': return value === "'allow'" || value === "'block'" ? undefined : "The values are `'allow'` and `'block'`."
    case 'policy-names': return faultOfPolicyName(value)
    case 'endpoint': return TOKEN.test(value) ? undefined : 'Expected the name of one endpoint.'
    case 'urls': return URL_REFERENCE.test(value) ? undefined : 'Expected a URL, percent-encoded.'
    case 'none': return 'This directive takes no value: write `true`.'
    default: return faultOfSource(KEYWORDS[kind]!, kind, value)
  }
}

function faultOfCharacters (value: string): string {
  if (/[\u2018\u2019\u201c\u201d]/.test(value)) return "Typographic quotes: write `'`."
  if (/[^\x20-\x7e\t\r\n]/.test(value)) return 'Only ASCII: write a host in punycode and percent-encode a path.'
  if (/[;,]/.test(value)) return 'A `;` or `,` would end the directive: percent-encode it in a path.'
  return 'One element is one expression: write a separate element for each, without white space.'
}

function faultOfPolicyName (value: string): string | undefined {
  if (value === '*' || value === "'allow-duplicates'" || value === "'none'" || POLICY_NAME.test(value)) return undefined
  return "Expected the name of a Trusted Types policy, `*`, `'allow-duplicates'` or `'none'`."
}

function faultOfSource (keywords: readonly string[], kind: DirectiveKind, value: string): string | undefined {
  const lower = value.toLowerCase()
  if (value.includes("'")) {
    if (value === "'none'" || keywords.includes(value)) return undefined
    if (HASH.test(value)) return keywords.includes("'unsafe-hashes'") ? undefined : 'A hash has no effect in this directive.'
    if (lower.startsWith("'nonce-")) return `A nonce that is written down is known to the attacker: write \`${NONCE}\` and read \`request.cspNonce\`.`
    if (lower.startsWith("'sha")) return "Expected `'sha256-…'`, `'sha384-…'` or `'sha512-…'` with the whole hash in base64."
    if (keywords.includes(lower)) return `Keywords are written in lower case: \`${lower}\`.`
    return keywords.length > 0 && BARE_WORDS.has(lower.slice(1, -1)) ? 'This keyword has no effect in this directive.' : `Expected one of ${keywords.join(' ')}.`
  }
  if (BARE_WORDS.has(lower)) return `Keywords stand in single quotes: \`'${lower}'\`.`
  if (/^(?:nonce|sha(?:256|384|512))-/.test(lower)) return 'Nonces and hashes stand in single quotes.'
  if (['http', 'https', 'data', 'blob', 'ws', 'wss', 'mediastream', 'filesystem'].includes(lower)) return `A scheme ends in a colon: \`${lower}:\`.`
  if (kind === 'handlers') return 'Event handlers and style attributes have no origin: only keywords and hashes have an effect here.'
  if (SCHEME.test(value)) return undefined
  if (value.includes('[')) return 'The grammar of CSP has no IPv6 addresses: name a host.'
  if (/[?#]/.test(value)) return 'A source has no query and no fragment.'
  const port = HOST.exec(value)?.groups
  if (port === undefined) return 'Expected a keyword, a hash, a scheme or a host.'
  return port['port'] !== undefined && Number(port['port']) > 65_535 ? 'A port is 65535 at the most.' : undefined
}
