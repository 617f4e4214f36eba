import fc, { type Arbitrary } from 'fast-check'
import { DIRECTIVE_NAMES, kindOfDirective, type DirectiveKind, type DirectiveName } from '../../../lib/headers/csp-directives.ts'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { parseDirectives, type Directives, type Policy } from '../../../lib/headers/csp-policy.ts'

const label = fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/)
const scheme = fc.constantFrom('https', 'http', 'wss', 'com.example+app', 'HTTPS')
const port = fc.oneof(fc.integer({ min: 0, max: 65_535 }).map(String), fc.constant('*'))
const path = fc.stringMatching(/^(?:\/(?:[A-Za-z0-9._~!$&()*+=:@-]|%[0-9A-Fa-f]{2}){0,6}){1,3}$/)

/** `.test` keeps a host from being a bare keyword or scheme, which the validator refuses. */
const host = fc.tuple(fc.option(scheme), fc.boolean(), label, fc.boolean(), fc.option(port), fc.option(path))
  .map(([scheme, isWild, label, hasDot, port, path]) => `${scheme === null ? '' : `${scheme}://`}${isWild ? '*.' : ''}x${label}.test${hasDot ? '.' : ''}${port === null ? '' : `:${port}`}${path ?? ''}`)
const wildcard = fc.constantFrom('*', '*:443', 'https://*', '*:*')
const schemeSource = fc.constantFrom('https:', 'data:', 'blob:', 'wss:', 'filesystem:')
const hash = fc.tuple(fc.string(), fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const)).map(([text, algorithm]) => hashOf(text, algorithm))
const handlerWords = fc.constantFrom("'unsafe-inline'", "'unsafe-hashes'", "'report-sample'")
const styleWords = fc.oneof(handlerWords, fc.constantFrom("'self'", "'nonce'"))
const scriptWords = fc.oneof(styleWords, fc.constantFrom("'strict-dynamic'", "'unsafe-eval'", "'wasm-unsafe-eval'", "'trusted-types-eval'", "'inline-speculation-rules'", "'report-sha256'", "'report-sha384'", "'report-sha512'"))
const location = fc.oneof(host, wildcard, schemeSource)

/** One expression that a kind of directive admits, `'none'` aside. */
const EXPRESSIONS: Readonly<Record<Exclude<DirectiveKind, 'none'>, Arbitrary<string>>> = {
  sources: fc.oneof(location, fc.constant("'self'")),
  scripts: fc.oneof(location, hash, scriptWords),
  styles: fc.oneof(location, hash, styleWords),
  code: fc.oneof(location, hash, scriptWords),
  handlers: fc.oneof(hash, handlerWords),
  sandbox: fc.constantFrom('allow-scripts', 'allow-forms', 'allow-popups', 'allow-same-origin', 'allow-downloads'),
  'policy-names': fc.oneof(fc.stringMatching(/^[A-Za-z0-9#=_/@.%-]{1,8}$/), fc.constantFrom('*', "'allow-duplicates'")),
  sinks: fc.constant("'script'"),
  urls: fc.oneof(path, host.map((source) => `https://${source.replace(/^.*\/\/|\*\.?/g, '')}`)),
  endpoint: fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/),
  webrtc: fc.constantFrom("'allow'", "'block'")
}

const NONE_TOO: ReadonlySet<DirectiveKind> = new Set<DirectiveKind>(['sources', 'scripts', 'styles', 'code', 'handlers', 'policy-names'])

/** Expressions that can be appended to a directive. */
export function expressionsOf (name: DirectiveName): Arbitrary<string[]> {
  const kind = kindOfDirective(name)
  if (kind === 'none') throw new TypeError(`${name} has no expressions`)
  const isSingle = kind === 'sinks' || kind === 'endpoint' || kind === 'webrtc'
  return fc.array(EXPRESSIONS[kind], { minLength: 1, maxLength: isSingle ? 1 : 5 })
}

function valueOf (name: DirectiveName): Arbitrary<readonly string[] | true> {
  const kind = kindOfDirective(name)
  if (kind === 'none') return fc.constant(true)
  const some = expressionsOf(name)
  if (kind === 'sandbox') return fc.oneof({ arbitrary: some, weight: 4 }, fc.constant([]))
  return NONE_TOO.has(kind) ? fc.oneof({ arbitrary: some, weight: 4 }, fc.constant(["'none'"])) : some
}

/** Directives over everything that the grammar has, as options write them. */
export const arbitraryDirectives: Arbitrary<Directives> = fc.subarray([...DIRECTIVE_NAMES], { minLength: 1 }).chain((names) =>
  fc.tuple(...names.map((name) => valueOf(name).map((value) => [name, value] as const)))).map((entries) => Object.fromEntries(entries))

/** A validated policy of every shape. */
export const arbitraryPolicy: Arbitrary<Policy> = arbitraryDirectives.map((directives) => parseDirectives(directives, 'policy'))
