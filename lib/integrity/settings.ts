import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, expectation, type OptionSchema } from '../options.ts'
import { isPrefix, remoteAddress } from './asset-url.ts'
import { parseLock, type Lock } from './lock.ts'
import { policyHeaders, policySettings, type IntegritySettings, type PolicyHeader } from './policy.ts'
import type { Root, ScanLimits } from './scan.ts'

/** A folder whose files are served, as @fastify/static takes it. */
export interface AssetRoot {
  /** The folder: a path, a relative one from the working directory, or a `file:` URL. */
  readonly root: string | URL
  /** The path under which it is served. That of the scope in which the plugin is registered comes before it. Default `'/'`. */
  readonly prefix?: string
}

/** Options of the integrity plugin. */
export interface IntegrityOptions extends IntegritySettings {
  /** The folders whose files are hashed at start. Where two serve the same URL, the first counts. Default none. */
  readonly roots?: readonly AssetRoot[]
  /** `'production'`: hashed once. `'development'`: hashed again when a file changes, and what is unknown throws. Default `'production'`. */
  readonly mode?: 'production' | 'development'
  /** What happens for an asset that is not known. Default: `'throw'` in development, `'block'` in production. */
  readonly unknown?: 'throw' | 'block'
  /** Ends of the names of files that are hashed, in any case. Default `.css .js .json .mjs .wasm`. */
  readonly extensions?: readonly string[]
  /** Bytes, 1 to 1 GiB. A larger file is left out. Default 16 MiB. */
  readonly maxFileSize?: number
  /** Entries of all folders together, 1 to 1,000,000. More stop the start. Default 20,000. */
  readonly maxFiles?: number
  /** Seconds between two looks at the files in production, 0 to 86,400; `0` looks never. Default 60. */
  readonly checkInterval?: number
  /** The lock file of assets on other sites: a path or a `file:` URL. Default `false`. */
  readonly lock?: string | URL | false
  /** The manifest of a build with Vite. Default `false`. */
  readonly vite?: {
    /** `.vite/manifest.json` in the folder of the build: a path or a `file:` URL. */
    readonly manifest: string | URL
    /** `base` of the configuration of Vite. Default `'/'`. */
    readonly base?: string
  } | false
}

/** The options that hold where none are given, frozen. */
export const integrityDefaults: Readonly<Required<Omit<IntegrityOptions, 'unknown'>>> = Object.freeze({
  roots: Object.freeze([]),
  mode: 'production',
  extensions: Object.freeze(['.css', '.js', '.json', '.mjs', '.wasm']),
  maxFileSize: 16_777_216,
  maxFiles: 20_000,
  checkInterval: 60,
  lock: false,
  vite: false,
  integrityPolicy: false,
  integrityPolicyReportOnly: false
})

const closed = { additionalProperties: false }
const pathSchema = (keywords: { description?: string } = {}): OptionSchema => Type.Refine(
  Type.Unsafe<string | URL>({ ...keywords, expected: 'a path or a `file:` URL' }),
  (value) => (typeof value === 'string' && value !== '') || (value instanceof URL && value.protocol === 'file:'))

const own = {
  roots: Type.Optional(Type.Array(Type.Object({ root: pathSchema(), prefix: Type.Optional(Type.String()) }, closed), {
    default: [...integrityDefaults.roots],
    description: 'Folders whose files are hashed at start: `root`, a path or a `file:` URL, and `prefix`, under which it is served (`\'/\'`). The prefix of the scope comes before it, as with `@fastify/static`. Where two serve the same URL, the first counts.'
  })),
  mode: Type.Optional(Type.Union([Type.Literal('production'), Type.Literal('development')], { default: integrityDefaults.mode, description: 'In production files are hashed once; in development again when they change.' })),
  unknown: Type.Optional(Type.Union([Type.Literal('throw'), Type.Literal('block')], { description: 'What happens for an asset that is not known: an error, or metadata that nothing fulfils. By default `\'throw\'` in development and `\'block\'` in production.' })),
  extensions: Type.Optional(Type.Array(Type.String({ pattern: '^\\.[^/\\\\]+$', expected: 'an end of names such as `\'.js\'`' }), { default: [...integrityDefaults.extensions], description: 'Ends of the names of files that are hashed.' })),
  maxFileSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_073_741_824, default: integrityDefaults.maxFileSize, description: 'Bytes. A larger file is left out, which is logged.' })),
  maxFiles: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, default: integrityDefaults.maxFiles, description: 'Entries of all folders together. More stop the start: the root is not the one that was meant.' })),
  checkInterval: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400, default: integrityDefaults.checkInterval, description: 'Seconds between two looks at the files in production. `0` looks never.' })),
  lock: Type.Optional(Type.Union([pathSchema(), Type.Literal(false)], { default: integrityDefaults.lock, description: 'The [lock file](#assets-of-other-sites) of assets on other sites.' })),
  vite: Type.Optional(Type.Union([Type.Object({
    manifest: pathSchema({ description: '`.vite/manifest.json` in the folder of the build.' }),
    base: Type.Optional(Type.String({ default: '/', description: '`base` of the configuration of Vite: a path, or the https URL of another site.' }))
  }, closed), Type.Literal(false)], { default: integrityDefaults.vite, description: 'The [manifest of a build with Vite](#a-build-with-vite): `manifest`, a path or a `file:` URL, and `base`.' }))
} satisfies Record<Exclude<keyof IntegrityOptions, keyof IntegritySettings>, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/integrity.md`. */
export const integritySchema: OptionSchema = Type.Object({ ...own, ...policySettings }, closed)

const codes = { unknown: 'BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_INTEGRITY_OPTION_INVALID' } as const
const checkOptions = compileOptions<IntegrityOptions>(integritySchema, codes)
const checkSettings = compileOptions<IntegritySettings | false>(Type.Union([Type.Object(policySettings, closed), Type.Literal(false)]), codes)

/** Options as the plugin works with them. */
export interface ResolvedOptions {
  readonly roots: readonly Root[]
  readonly limits: ScanLimits
  readonly isFresh: boolean
  readonly unknown: 'throw' | 'block'
  /** Seconds, 0 for never. */
  readonly checkInterval: number
  readonly lock: Lock
  readonly vite: { readonly manifest: string, readonly base: string } | undefined
  readonly policies: IntegritySettings
  readonly headers: readonly PolicyHeader[]
}

/**
 * Checks the options and reads the lock file. `scope` is the prefix of the scope in which the plugin is registered.
 * Throws `SecurityError` with a code of the plugin.
 */
export function resolveOptions (options: unknown, scope: string): ResolvedOptions {
  const given = checkOptions(options, 'integrity')
  const { roots, mode, extensions, maxFileSize, maxFiles, checkInterval, lock, vite, integrityPolicy, integrityPolicyReportOnly } = { ...integrityDefaults, ...given }
  const isFresh = mode === 'development'
  const policies = { integrityPolicy, integrityPolicyReportOnly }
  return {
    roots: roots.map(({ root, prefix = '/' }, index) => {
      const path = `${scope.replace(/\/$/, '')}${prefix}`
      if (!isPrefix(path)) throw invalid(`integrity.roots.${index}.prefix`, 'a path that begins with `/`, percent-encoded, without query and dot segments', prefix)
      return { folder: pathOf(root), prefix: path.endsWith('/') ? path : `${path}/` }
    }),
    limits: { extensions: extensions.map((extension) => extension.toLowerCase()), maxFileSize, maxFiles },
    isFresh,
    unknown: given.unknown ?? (isFresh ? 'throw' : 'block'),
    checkInterval: isFresh ? 0 : checkInterval,
    lock: lock === false ? { version: 1, assets: {} } : readLock(pathOf(lock)),
    vite: vite === false ? undefined : { manifest: pathOf(vite.manifest), base: checkBase(vite.base ?? '/') },
    policies,
    headers: policyHeaders(policies, 'integrity')
  }
}

/** The headers of a route's setting, laid over those of the application. */
export function resolveSetting (setting: unknown, policies: IntegritySettings): readonly PolicyHeader[] {
  const given = checkSettings(setting, 'config.security.integrity')
  return given === false ? [] : policyHeaders({ ...policies, ...given }, 'config.security.integrity')
}

function pathOf (path: string | URL): string {
  return typeof path === 'string' ? resolve(path) : fileURLToPath(path)
}

function checkBase (base: string): string {
  if (isPrefix(base) || remoteAddress(base) === base) return base
  throw invalid('integrity.vite.base', 'a path that begins with `/`, or an https URL', base)
}

function readLock (file: string): Lock {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_LOCK_INVALID', `integrity.lock: ${file}: expected a file that can be read.`, { cause })
  }
  return parseLock(text, 'integrity.lock')
}

function invalid (path: string, expected: string, received: unknown): SecurityError {
  return new SecurityError('BULWARK_ERR_INTEGRITY_OPTION_INVALID', expectation(path, expected, received))
}
