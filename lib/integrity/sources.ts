import { BoundedCache } from '../bounded-cache.ts'
import { SecurityError } from '../errors.ts'
import { remoteAddress } from './asset-url.ts'
import type { TagSources } from './integrity-tags.ts'
import { AssetManifest } from './manifest.ts'
import type { ResolvedOptions } from './settings.ts'
import { ViteManifest } from './vite-manifest.ts'

/** So many unknown assets are told of, each once: their names may come from requests. */
const MOST_TOLD = 1000
/** So many URLs are remembered for each kind of tag. */
const MOST_HEADS = 1000

/**
 * Reads everything that tags are made from: scans the roots and holds the build against them. `onUnknown` is told of each unknown asset once.
 * Throws `SecurityError` `BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE` or `BULWARK_ERR_INTEGRITY_VITE_INVALID`.
 */
export function loadSources ({ roots, limits, isFresh, lock, vite, unknown }: ResolvedOptions, onUnknown: (url: string) => void): TagSources {
  const manifest = new AssetManifest(roots, limits, isFresh)
  const build = vite && new ViteManifest(vite.manifest, vite.base, isFresh)
  const missing = build?.urls.find((url) => manifest.find(url) === undefined && !Object.hasOwn(lock.assets, remoteAddress(url) ?? ''))
  if (missing !== undefined) {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_VITE_INVALID', `integrity.vite.manifest: expected every file of the build below a root or in the lock file, but nothing is known of ${JSON.stringify(missing)}. Look at \`roots\` and \`vite.base\`.`)
  }
  const heads = (): BoundedCache<string> => new BoundedCache(MOST_HEADS)
  const told = new Set<string>()
  return {
    manifest,
    lock,
    vite: build,
    unknown,
    heads: isFresh ? undefined : { script: heads(), stylesheet: heads(), preload: heads(), modulepreload: heads() },
    onUnknown (url) {
      if (told.has(url) || told.size >= MOST_TOLD) return
      told.add(url)
      onUnknown(url)
    }
  }
}
