import type { BoundedCache } from '../bounded-cache.ts'
import { SecurityError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { remoteAddress } from './asset-url.ts'
import { formatImportMap, type ImportMap } from './import-map.ts'
import type { Lock } from './lock.ts'
import type { AssetManifest } from './manifest.ts'
import { BLOCKING_INTEGRITY } from './metadata.ts'
import { completeTag, escapeAttribute, formatAttribute, type TagAttributes } from './tag.ts'
import type { Entry, ViteManifest } from './vite-manifest.ts'

/** The beginning of each kind of tag, up to the value of its address. */
const HEADS = {
  script: '<script src',
  stylesheet: '<link rel="stylesheet" href',
  preload: '<link rel="preload" href',
  modulepreload: '<link rel="modulepreload" href'
} as const

/** A kind of tag. */
export type TagKind = keyof typeof HEADS

/** What tags are made from. */
export interface TagSources {
  readonly manifest: AssetManifest
  readonly lock: Lock
  readonly vite: ViteManifest | undefined
  /** What happens for an asset that is not known: an error, or a tag that no browser loads anything for. */
  readonly unknown: 'throw' | 'block'
  /** The parts of tags that are the same at every call, by URL; `undefined` where files may change. */
  readonly heads: Readonly<Record<TagKind, BoundedCache<string>>> | undefined
  /** Told of an asset that is not known and was blocked, without the query of its URL. */
  readonly onUnknown: (url: string) => void
}

/** Where the nonces of a reply are read, when a tag needs one. */
export interface NonceSource {
  readonly cspNonce?: unknown
  readonly cspStyleNonce?: unknown
}

/** Longer URLs are not remembered: they may come from requests. */
const LONGEST_REMEMBERED = 256
const SCRIPT = /\.m?js$/
/** Of so many names at most the nearest is looked for. */
const MOST_NAMES = 1000

/** What names an asset may come from a request, whose query holds lists and gaps: what is no text is the name of nothing. */
function nameOf (given: unknown): string {
  return typeof given === 'string' ? given : ''
}

/** Tags with integrity metadata, `crossorigin` and, where they were made for a request, its nonce. Every method gives HTML. */
export class IntegrityTags {
  readonly #sources: TagSources
  readonly #nonces: NonceSource | undefined

  constructor (sources: TagSources, nonces?: NonceSource) {
    this.#sources = sources
    this.#nonces = nonces
  }

  /**
   * The integrity metadata of an asset: a path of this site, or the https URL of a locked one.
   * Of an asset that is not known: throws `SecurityError` `BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN`, or gives metadata that nothing fulfils.
   */
  of (given: string): string {
    const url = nameOf(given)
    const { manifest, lock } = this.#sources
    const asset = manifest.find(url)
    if (asset !== undefined) return asset.integrity
    const address = Object.hasOwn(lock.assets, url) ? url : remoteAddress(url)
    if (address !== undefined && Object.hasOwn(lock.assets, address)) return lock.assets[address]!.integrity
    this.#unknown(url, () => [...manifest.assets.map((asset) => asset.url), ...Object.keys(lock.assets)])
    return BLOCKING_INTEGRITY
  }

  /** `<script src integrity crossorigin>`. Attributes such as `{ type: 'module' }` and `{ defer: true }` are added. */
  scriptTag (url: string, attributes?: TagAttributes): string {
    return `${this.#tag('script', url, this.#nonces?.cspNonce, attributes)}</script>`
  }

  /** `<link rel="stylesheet" href integrity crossorigin>`. */
  stylesheetTag (url: string, attributes?: TagAttributes): string {
    return this.#tag('stylesheet', url, this.#nonces?.cspStyleNonce, attributes)
  }

  /** `<link rel="preload" href integrity crossorigin as>`. `as` follows the name of the file, for scripts and stylesheets. */
  preloadTag (url: string, attributes?: TagAttributes): string {
    const path = nameOf(url).split(/[?#]/)[0]!
    const as = attributes?.['as'] ?? (SCRIPT.test(path) ? 'script' : path.endsWith('.css') ? 'style' : undefined)
    if (as === undefined) throw new SecurityError('BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID')
    const nonce = as === 'script' ? this.#nonces?.cspNonce : as === 'style' ? this.#nonces?.cspStyleNonce : undefined
    return this.#tag('preload', url, nonce, { as, ...attributes })
  }

  /** `<link rel="modulepreload" href integrity crossorigin>`. A module that is imported later is the one that was checked here. */
  modulePreloadTag (url: string, attributes?: TagAttributes): string {
    return this.#tag('modulepreload', url, this.#nonces?.cspNonce, attributes)
  }

  /** The text of an import map with the `integrity` of all that it names. The same map gives the same text, fit for `hashOf`. */
  importMap (map: ImportMap): string {
    const { manifest } = this.#sources
    const scripts = (prefix: string): string[] => manifest.assets.map(({ url }) => url).filter((url) => url.startsWith(prefix) && SCRIPT.test(url))
    const named = map.modules === 'all' ? scripts('/') : map.modules ?? []
    const built = (map.entries ?? []).flatMap((name) => {
      const entry = this.#entry(name)
      return entry === undefined ? [] : [entry.url, ...entry.imports, ...entry.dynamicImports].filter((url) => SCRIPT.test(url))
    })
    return formatImportMap(map, [...named, ...built], (url) => this.of(url), scripts)
  }

  /** `<script type="importmap">`. It has to stand before every module. */
  importMapTag (map: ImportMap, attributes?: TagAttributes): string {
    return `${completeTag('<script type="importmap"', this.#nonces?.cspNonce, attributes)}${this.importMap(map)}</script>`
  }

  /** The tags of an entry of the Vite manifest (`src/main.ts`): stylesheets, preloads of the modules that it imports, and the entry itself. */
  entry (name: string): string {
    const entry = this.#entry(name)
    if (entry === undefined) return ''
    const isStyle = entry.url.endsWith('.css')
    return [
      ...entry.styles.map((url) => this.stylesheetTag(url)),
      ...entry.imports.map((url) => this.modulePreloadTag(url)),
      isStyle ? this.stylesheetTag(entry.url) : this.scriptTag(entry.url, { type: 'module' })
    ].join('\n')
  }

  #entry (given: string): Entry | undefined {
    const name = nameOf(given)
    const { vite } = this.#sources
    const entry = vite?.entry(name)
    if (entry === undefined) this.#unknown(name, () => vite?.names ?? [])
    return entry
  }

  #unknown (url: string, names: () => string[]): void {
    // What stands behind the path may be a secret of the page.
    const shown = url.split(/[?#]/)[0]!.slice(0, 200)
    if (this.#sources.unknown === 'block') return this.#sources.onUnknown(shown)
    const nearest = nearestName(shown, names().slice(0, MOST_NAMES))
    throw new SecurityError('BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN', undefined, {
      cause: new Error(`There is no asset ${JSON.stringify(shown)}.${nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`}`)
    })
  }

  #tag (kind: TagKind, url: string, nonce: unknown, attributes?: TagAttributes): string {
    const head = this.#head(kind, nameOf(url))
    return completeTag(attributes !== undefined && 'crossorigin' in attributes ? head : `${head} crossorigin="anonymous"`, nonce, attributes)
  }

  #head (kind: TagKind, url: string): string {
    const { heads } = this.#sources
    return heads === undefined || url.length > LONGEST_REMEMBERED ? this.#makeHead(kind, url) : heads[kind].getOrMake(url, () => this.#makeHead(kind, url))
  }

  #makeHead (kind: TagKind, url: string): string {
    return `${HEADS[kind]}="${escapeAttribute(url)}"${formatAttribute('integrity', this.of(url))}`
  }
}

/** What `app.integrity` is: a function that gives the metadata of an asset, with the tags as its methods. */
export interface Integrity extends Pick<IntegrityTags, keyof IntegrityTags> {
  (url: string): string
  /** The tags for the page of a request: each carries the nonce of its reply, where the request has one (`request.cspNonce`). */
  for (request: NonceSource): IntegrityTags
}

/** Makes what `app.integrity` is. */
export function makeIntegrity (sources: TagSources): Integrity {
  const tags = new IntegrityTags(sources)
  const of = (url: string): string => tags.of(url)
  return Object.assign((url: string) => tags.of(url), {
    of,
    for: (request: NonceSource) => new IntegrityTags(sources, request),
    scriptTag: (url: string, attributes?: TagAttributes) => tags.scriptTag(url, attributes),
    stylesheetTag: (url: string, attributes?: TagAttributes) => tags.stylesheetTag(url, attributes),
    preloadTag: (url: string, attributes?: TagAttributes) => tags.preloadTag(url, attributes),
    modulePreloadTag: (url: string, attributes?: TagAttributes) => tags.modulePreloadTag(url, attributes),
    importMap: (map: ImportMap) => tags.importMap(map),
    importMapTag: (map: ImportMap, attributes?: TagAttributes) => tags.importMapTag(map, attributes),
    entry: (name: string) => tags.entry(name)
  })
}
