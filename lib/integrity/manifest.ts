import { readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { localPath } from './asset-url.ts'
import { integrityOf } from './metadata.ts'
import { scanRoots, stampOf, type AssetFile, type Root, type ScanLimits, type SkippedFile } from './scan.ts'

/** A file that is served, and the metadata of its bytes. */
export interface Asset extends AssetFile {
  readonly integrity: string
}

/**
 * The files of the roots and the metadata of their bytes, hashed when the manifest is made.
 *
 * From then on it stays as it is: what is changed on disk afterwards is not what was deployed, and a browser is to refuse it. With
 * `isFresh`, for development, a file is looked at again whenever it is asked for.
 */
export class AssetManifest {
  /** Files that were left out by the last scan. */
  skipped: readonly SkippedFile[] = []
  readonly #roots: readonly Root[]
  readonly #limits: ScanLimits
  readonly #isFresh: boolean
  readonly #reported = new Set<string>()
  /** Of files that were touched and found to be the same. */
  readonly #touched = new Map<string, string>()
  #assets: ReadonlyMap<string, Asset> = new Map()

  /** Throws `SecurityError` as `scanRoots` does. */
  constructor (roots: readonly Root[], limits: ScanLimits, isFresh = false) {
    this.#roots = roots
    this.#limits = limits
    this.#isFresh = isFresh
    this.#scan()
  }

  /** Every asset, in the order of the roots. */
  get assets (): readonly Asset[] {
    return [...this.#assets.values()]
  }

  /** The asset that this site serves under a URL, in whatever spelling. */
  find (url: string): Asset | undefined {
    // A URL that is a key is its own canonical spelling.
    const key = this.#assets.has(url) ? url : localPath(url)
    if (key === undefined) return undefined
    const asset = this.#assets.get(key)
    if (!this.#isFresh || (asset !== undefined && asset.stamp === currentStamp(asset))) return asset
    this.#scan()
    return this.#assets.get(key)
  }

  /** The assets that are not on disk any more as they were hashed; each is told once. */
  async changes (): Promise<Asset[]> {
    const changed: Asset[] = []
    for (const asset of this.#assets.values()) {
      if (this.#reported.has(asset.url) || await this.#isAsHashed(asset)) continue
      this.#reported.add(asset.url)
      changed.push(asset)
    }
    return changed
  }

  /** What was touched, or written over by the same, is as it was. */
  async #isAsHashed ({ url, file, stamp, integrity }: Asset): Promise<boolean> {
    try {
      const stats = await stat(file)
      const current = stampOf(stats)
      if (current === (this.#touched.get(url) ?? stamp)) return true
      if (!stats.isFile() || stats.size > this.#limits.maxFileSize || integrityOf(await readFile(file)) !== integrity) return false
      // So that it is not read at every look.
      this.#touched.set(url, current)
      return true
    } catch {
      return false
    }
  }

  #scan (): void {
    const { files, skipped } = scanRoots(this.#roots, this.#limits)
    const assets = new Map<string, Asset>()
    const unreadable: SkippedFile[] = []
    for (const found of files) {
      const known = this.#assets.get(found.url)
      const integrity = known?.file === found.file && known.stamp === found.stamp ? known.integrity : hashFile(found.file)
      if (integrity === undefined) unreadable.push({ file: found.file, reason: 'unreadable' })
      else assets.set(found.url, { ...found, integrity })
    }
    this.#assets = assets
    this.skipped = [...skipped, ...unreadable]
  }
}

function currentStamp ({ file }: Asset): string | undefined {
  try {
    return stampOf(statSync(file))
  } catch {
    return undefined
  }
}

function hashFile (file: string): string | undefined {
  try {
    return integrityOf(readFileSync(file))
  } catch {
    return undefined
  }
}
