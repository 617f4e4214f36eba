import { kindOfDirective, type DirectiveKind, type DirectiveName } from '../headers/csp-directives.ts'
import { isHash, isWildcard, NONCE } from '../headers/csp-sources.ts'

/** What each directive governs, in words for somebody who does not know the specification. */
const DIRECTIVES: Readonly<Record<DirectiveName, string>> = {
  'default-src': 'Stands in for every kind of resource that has no directive of its own.',
  'script-src': 'Which scripts run: files, inline code, event handlers.',
  'script-src-elem': 'Which <script> elements run, instead of script-src.',
  'script-src-attr': 'Which event handlers in attributes run, instead of script-src.',
  'style-src': 'Which styles apply: files, <style> elements, style attributes.',
  'style-src-elem': 'Which <style> elements and stylesheets apply, instead of style-src.',
  'style-src-attr': 'Which style attributes apply, instead of style-src.',
  'img-src': 'Where images and icons come from.',
  'font-src': 'Where fonts come from.',
  'connect-src': 'Where scripts may connect to: fetch, WebSocket, EventSource, beacons.',
  'media-src': 'Where audio and video come from.',
  'object-src': 'Where <object> and <embed> load from.',
  'child-src': 'Which frames and workers load, where frame-src and worker-src are absent.',
  'frame-src': 'Which pages the page may show in frames.',
  'fenced-frame-src': 'Which pages the page may show in <fencedframe>.',
  'worker-src': 'Which workers and service workers start.',
  'manifest-src': 'Where the manifest of a web application comes from.',
  'form-action': 'Where forms may send what was typed.',
  'base-uri': 'What <base> may make of relative addresses.',
  'frame-ancestors': 'Which sites may show this page in a frame.',
  sandbox: 'Treats the page like one in a sandboxed frame; each word gives a right back.',
  webrtc: 'Whether scripts may use WebRTC.',
  'require-trusted-types-for': 'Strings may not reach sinks such as innerHTML; they must pass a Trusted Types policy.',
  'trusted-types': 'Which Trusted Types policies scripts may create.',
  'upgrade-insecure-requests': 'Loads http addresses of the page over https.',
  'report-uri': 'Where browsers post reports, in the older format.',
  'report-to': 'The endpoint of Reporting-Endpoints that gets reports.'
}

const KEYWORDS: Readonly<Record<string, string>> = {
  "'none'": 'nothing',
  "'self'": 'the origin of the page itself',
  "'unsafe-inline'": 'inline code without a nonce, so an injected one, too; void beside a nonce or a hash',
  "'unsafe-eval'": 'eval and its kin: strings become code',
  "'wasm-unsafe-eval'": 'compiling WebAssembly',
  "'trusted-types-eval'": 'eval of what Trusted Types approved',
  "'unsafe-hashes'": 'the hashes hold for event handlers and style attributes, too',
  "'strict-dynamic'": 'what a trusted script loads is trusted; hosts, schemes and \'self\' are void',
  "'inline-speculation-rules'": 'inline speculation rules',
  "'report-sample'": 'reports quote the beginning of what was blocked',
  "'report-sha256'": 'reports tell the SHA-256 hash of scripts',
  "'report-sha384'": 'reports tell the SHA-384 hash of scripts',
  "'report-sha512'": 'reports tell the SHA-512 hash of scripts'
}

const SCHEMES: Readonly<Record<string, string>> = {
  'data:': 'data: addresses, whose content stands in the page itself',
  'blob:': 'blob: addresses, which scripts of the page make',
  'http:': 'any host, also over plain http',
  'https:': 'any host over https',
  'ws:': 'any host by WebSocket, also without TLS',
  'wss:': 'any host by WebSocket over TLS',
  'filesystem:': 'files of the sandboxed file system',
  'mediastream:': 'camera and microphone streams'
}

const OTHER_KINDS: Readonly<Partial<Record<DirectiveKind, (expression: string) => string>>> = {
  sandbox: (word) => word.replace(/^allow-/, 'allowed: ').replaceAll('-', ' '),
  'policy-names': (word) => word === '*' ? 'policies of any name' : word === "'none'" ? 'no policy' : word === "'allow-duplicates'" ? 'a name may be used twice' : `the policy ${word}`,
  sinks: () => 'the sinks that run scripts',
  urls: (url) => `reports go to ${url}`,
  endpoint: (name) => `the endpoint ${name}`,
  webrtc: (word) => word === "'block'" ? 'not allowed' : 'allowed'
}

/** What a directive is for. */
export function meaningOfDirective (name: DirectiveName): string {
  return DIRECTIVES[name]
}

/** What an expression stands for, given as a browser takes it: keywords in lower case, any nonce as `'nonce'`. */
export function meaningOfExpression (name: DirectiveName, expression: string): string {
  const other = OTHER_KINDS[kindOfDirective(name)]
  if (other !== undefined) return other(expression)
  const lower = expression.toLowerCase()
  if (Object.hasOwn(KEYWORDS, lower)) return KEYWORDS[lower]!
  if (lower === NONCE) return 'elements with this nonce, which must be fresh on every reply'
  if (isHash(expression)) return 'inline code, or a file with integrity, that has this hash'
  if (Object.hasOwn(SCHEMES, lower)) return SCHEMES[lower]!
  if (lower.endsWith(':')) return `any address of the scheme ${lower}`
  return isWildcard(lower) ? 'any host' : meaningOfHost(lower)
}

/** A host with what stands around it. */
const HOST = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>[^:/]+)(?::(?<port>[0-9]+|\*))?(?<path>\/.*)?$/

function meaningOfHost (expression: string): string {
  const { scheme, host, port, path } = HOST.exec(expression)!.groups!
  const words = [host!.startsWith('*.') ? `every subdomain of ${host!.slice(2)}` : `the host ${host!}`]
  if (scheme !== undefined) words.push(`over ${scheme}`)
  if (port !== undefined) words.push(port === '*' ? 'at any port' : `at port ${port}`)
  if (path !== undefined && path !== '/') words.push(path.endsWith('/') ? `below ${path}` : `the file ${path} alone`)
  return words.join(', ')
}
