import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Entry { readonly dependencies?: Readonly<Record<string, string>>, readonly optionalDependencies?: Readonly<Record<string, string>> }

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, Entry>> }

/** Where Node finds a package that another one asks for: in its own folder, or in one above. */
function resolve (name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in packages) return path
    if (folder === '') return undefined
  }
}

/** The folders of everything that comes with packages, those themselves included. What is a peer is there already. */
export function foldersOf (names: readonly string[]): string[] {
  const found = new Set<string>()
  const add = (name: string, from: string): void => {
    const path = resolve(name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    const { dependencies, optionalDependencies } = packages[path]!
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, path)
  }
  for (const name of names) add(name, '')
  return [...found].sort()
}

/** Bytes of the files of a package as it is installed, without the packages in it. */
export function bytesOf (folder: string): number {
  return readdirSync(join(root, folder), { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + bytesOf(`${folder}/${entry.name}`)
    return sum + statSync(join(root, folder, entry.name)).size
  }, 0)
}
