import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

/** A file within a folder, both without links. */
export interface ContainedPath {
  readonly root: string
  /** From the root, with `/` between the parts. */
  readonly path: string
  readonly size: number
}

/**
 * Finds a file within a folder, whatever the path says that a client may have had a hand in: nothing above the folder, no absolute path, no
 * hidden file, and no link that leads outside. `undefined` for all of them, and for what is not there or is no file.
 */
export async function findWithin (root: string, path: unknown): Promise<ContainedPath | undefined> {
  if (typeof path !== 'string' || path.includes('\0') || path.includes('\\') || isAbsolute(path) || path.split('/').some((part) => part.startsWith('.'))) return undefined
  const realRoot = await realpath(root)
  try {
    const found = await realpath(join(realRoot, path))
    const inner = relative(realRoot, found).split(sep)
    const entry = await stat(found)
    // A link may lead to what is hidden. On another drive, the way there is an absolute one.
    return !entry.isFile() || inner.some((part) => part.startsWith('.')) || isAbsolute(inner.join(sep)) ? undefined : { root: realRoot, path: inner.join('/'), size: entry.size }
  } catch {
    return undefined
  }
}
