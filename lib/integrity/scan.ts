import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs'
import { join, sep } from 'node:path'
import { SecurityError } from '../errors.ts'
import { encodeName } from './asset-url.ts'

/** A folder and the path under which its files are served, with `/` at its end. */
export interface Root {
  readonly folder: string
  readonly prefix: string
}

/** What is taken of a root. */
export interface ScanLimits {
  /** Lower case, with their dots. */
  readonly extensions: readonly string[]
  /** Bytes. */
  readonly maxFileSize: number
  /** Entries of all folders together. */
  readonly maxFiles: number
}

/** A file that is served. */
export interface AssetFile {
  /** The path of its URL, percent-encoded. */
  readonly url: string
  readonly file: string
  /** Differs when the file was written or replaced. */
  readonly stamp: string
}

/** A file that would have been taken, and why it was not: a link that leads out of its root, a file that is too large or cannot be read. */
export interface SkippedFile {
  readonly file: string
  readonly reason: 'outside' | 'too-large' | 'unreadable'
}

/** What a scan gives. */
export interface Scan {
  readonly files: readonly AssetFile[]
  readonly skipped: readonly SkippedFile[]
}

/** What changes with a file's content. Time alone has a resolution, within which one may write twice. */
export function stampOf ({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`
}

/**
 * The files below some roots. Where two would have the same URL, that of the first root counts, as with @fastify/static.
 *
 * Links are followed as long as they stay in their root: behind one that leaves it may be the whole disk. Names that begin with a dot are
 * left out. Throws `SecurityError` `BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE` for a root that is no folder, and for more than `maxFiles` entries.
 */
export function scanRoots (roots: readonly Root[], limits: ScanLimits): Scan {
  const files = new Map<string, AssetFile>()
  const skipped: SkippedFile[] = []
  let entries = 0

  function visit (root: string, folder: string, url: string, above: readonly string[]): void {
    for (const name of readdirSync(folder).sort()) {
      if (++entries > limits.maxFiles) throw refusal(`There are more than ${limits.maxFiles} entries in all roots together: see \`maxFiles\`.`)
      if (name.startsWith('.')) continue
      const file = join(folder, name)
      let isWanted = limits.extensions.some((extension) => name.toLowerCase().endsWith(extension))
      try {
        const real = realpathSync(file)
        const stats = statSync(real)
        isWanted = stats.isDirectory() || (isWanted && stats.isFile())
        if (!isWanted) continue
        const path = url + encodeName(name)
        if (!real.startsWith(join(root, sep))) skipped.push({ file, reason: 'outside' })
        else if (above.includes(real)) continue // A link in a circle.
        else if (stats.isDirectory()) visit(root, file, `${path}/`, [...above, real])
        else if (stats.size > limits.maxFileSize) skipped.push({ file, reason: 'too-large' })
        else if (!files.has(path)) files.set(path, { url: path, file, stamp: stampOf(stats) })
      } catch (error) {
        if (error instanceof SecurityError) throw error
        if (isWanted) skipped.push({ file, reason: 'unreadable' })
      }
    }
  }

  for (const { folder, prefix } of roots) {
    const real = realFolder(folder)
    visit(real, real, prefix, [real])
  }
  return { files: [...files.values()], skipped }
}

function realFolder (folder: string): string {
  try {
    const real = realpathSync(folder)
    readdirSync(real)
    return real
  } catch (cause) {
    throw refusal(`${folder}: expected a folder that can be read.`, cause)
  }
}

function refusal (message: string, cause?: unknown): SecurityError {
  return new SecurityError('BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE', `integrity.roots: ${message}`, { cause })
}
