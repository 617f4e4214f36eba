import { SecurityError } from '../errors.ts'
import { unknownName } from '../options.ts'

/**
 * What the value of a directive is made of.
 * `sources`: 'self', schemes, hosts; `scripts`, `styles`, `code` (both) add keywords, nonce and hashes; `handlers`: keywords and hashes alone.
 */
export type DirectiveKind = 'sources' | 'scripts' | 'styles' | 'code' | 'handlers' | 'sandbox' | 'policy-names' | 'sinks' | 'urls' | 'endpoint' | 'webrtc' | 'none'

/** Every directive of CSP Level 3 and its companions that a browser of today acts on, in the order in which policies are written. */
const KINDS = {
  'default-src': 'code',
  'script-src': 'scripts',
  'script-src-elem': 'scripts',
  'script-src-attr': 'handlers',
  'style-src': 'styles',
  'style-src-elem': 'styles',
  'style-src-attr': 'handlers',
  'img-src': 'sources',
  'font-src': 'sources',
  'connect-src': 'sources',
  'media-src': 'sources',
  'object-src': 'sources',
  'child-src': 'sources',
  'frame-src': 'sources',
  'fenced-frame-src': 'sources',
  'worker-src': 'sources',
  'manifest-src': 'sources',
  'form-action': 'sources',
  'base-uri': 'sources',
  'frame-ancestors': 'sources',
  sandbox: 'sandbox',
  webrtc: 'webrtc',
  'require-trusted-types-for': 'sinks',
  'trusted-types': 'policy-names',
  'upgrade-insecure-requests': 'none',
  'report-uri': 'urls',
  'report-to': 'endpoint'
} as const

/** A directive's name as the header has it. */
export type DirectiveName = keyof typeof KINDS

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name

/** A directive's name as an option key: as in the header, or in camelCase. */
export type DirectiveKey = DirectiveName | Camel<DirectiveName>

/** Directives that were in a draft or an earlier level, and what to do without them. */
const GONE: ReadonlyMap<string, string> = new Map(Object.entries({
  'block-all-mixed-content': 'Browsers block or upgrade mixed content without it.',
  'plugin-types': 'Browsers have no plug-ins any more; `object-src` decides.',
  'prefetch-src': 'No browser has it; `default-src` decides.',
  'navigate-to': 'It was taken out of the specification.',
  'require-sri-for': 'It was taken out of the specification; see Integrity-Policy.',
  referrer: 'Use the option `referrerPolicy`.',
  'reflected-xss': 'It was taken out of the specification.'
}))

/** True for a directive of the past, on which no browser acts any more. */
export function isObsolete (name: string): boolean {
  return GONE.has(name)
}

/** The names in the order in which policies are written. */
export const DIRECTIVE_NAMES: readonly DirectiveName[] = Object.keys(KINDS) as DirectiveName[]

const NAMES = new Map<string, DirectiveName>(DIRECTIVE_NAMES.flatMap((name) => [[name, name], [camelCase(name), name]]))

function camelCase (name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** What the value of a directive is made of. */
export function kindOfDirective (name: DirectiveName): DirectiveKind {
  return KINDS[name]
}

/** The header's spelling of an option key. Throws `SecurityError` for a name that no browser acts on. */
export function canonicalDirective (key: string, path: string): DirectiveName {
  const name = NAMES.get(key)
  if (name !== undefined) return name
  const advice = GONE.get(key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', advice === undefined
    ? unknownName(path, key, DIRECTIVE_NAMES)
    : `${path}: expected a directive in force, received an obsolete one. ${advice}`)
}

const FALLBACKS: Readonly<Partial<Record<DirectiveName, readonly DirectiveName[]>>> = {
  'script-src-elem': ['script-src', 'default-src'],
  'script-src-attr': ['script-src', 'default-src'],
  'style-src-elem': ['style-src', 'default-src'],
  'style-src-attr': ['style-src', 'default-src'],
  'frame-src': ['child-src', 'default-src'],
  'fenced-frame-src': ['frame-src', 'child-src', 'default-src'],
  'worker-src': ['child-src', 'script-src', 'default-src']
}

const NEVER_INHERIT: ReadonlySet<DirectiveName> = new Set<DirectiveName>(['default-src', 'form-action', 'base-uri', 'frame-ancestors'])
const SOURCE_KINDS: ReadonlySet<DirectiveKind> = new Set<DirectiveKind>(['sources', 'scripts', 'styles', 'code', 'handlers'])

/** The kinds whose value is one expression. */
const SINGLE_KINDS: ReadonlySet<DirectiveKind> = new Set<DirectiveKind>(['sinks', 'endpoint', 'webrtc'])

/** True for a directive that has room for one expression and no more. */
export function isSingle (name: DirectiveName): boolean {
  return SINGLE_KINDS.has(KINDS[name])
}

/** The kinds whose value may be empty, which to a browser means that nothing is allowed. */
const EMPTY_KINDS: ReadonlySet<DirectiveKind> = new Set<DirectiveKind>(['sandbox', 'policy-names'])

/** True for a directive that means something without an expression. */
export function mayBeEmpty (name: DirectiveName): boolean {
  return EMPTY_KINDS.has(KINDS[name])
}

/** True for a directive whose value is a list of source expressions. */
export function hasSources (name: DirectiveName): boolean {
  return SOURCE_KINDS.has(KINDS[name])
}

/** The directives that a browser consults, in order, where `name` is absent (CSP3 §6.8.3); none for one that is no fetch directive. */
export function fallbacksOf (name: DirectiveName): readonly DirectiveName[] {
  if (!hasSources(name) || NEVER_INHERIT.has(name)) return []
  return FALLBACKS[name] ?? ['default-src']
}
