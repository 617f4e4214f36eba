import { readFileSync, statSync } from 'node:fs'
import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, expectation, recordOf } from '../options.ts'
import { encodeName } from './asset-url.ts'
import { stampOf } from './scan.ts'

/** What the build says of one file of it; there is more, which nobody here needs. */
interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  /** Names of chunks that are loaded with this one. */
  readonly imports?: readonly string[]
  /** Names of chunks that it may load later. */
  readonly dynamicImports?: readonly string[]
}

/** What a page needs for one entry: URLs, in the order in which they are written. */
export interface Entry {
  /** The script or the stylesheet of the entry itself. */
  readonly url: string
  /** Stylesheets of the entry and of what it imports. */
  readonly styles: readonly string[]
  /** Scripts that it imports, directly or not. */
  readonly imports: readonly string[]
  /** Scripts that any of them may import later. */
  readonly dynamicImports: readonly string[]
}

const names = Type.Optional(Type.Array(Type.String()))
const check = compileOptions<Readonly<Record<string, Chunk>>>(
  recordOf(Type.Object({ file: Type.String({ minLength: 1 }), css: names, imports: names, dynamicImports: names })),
  { unknown: 'BULWARK_ERR_INTEGRITY_VITE_INVALID', invalid: 'BULWARK_ERR_INTEGRITY_VITE_INVALID' }
)

/** The manifest of a build with Vite (`build.manifest`), read when it is made; with `isFresh` again whenever the file was written. */
export class ViteManifest {
  readonly #file: string
  readonly #base: string
  readonly #isFresh: boolean
  #stamp = ''
  #chunks: Readonly<Record<string, Chunk>> = {}
  #entries = new Map<string, Entry>()

  /**
   * `base`: as in the configuration of Vite, a path or the https URL of another site.
   * Throws `SecurityError` `BULWARK_ERR_INTEGRITY_VITE_INVALID` for a file that cannot be read or is no such manifest.
   */
  constructor (file: string, base: string, isFresh = false) {
    this.#file = file
    this.#base = base.endsWith('/') ? base : `${base}/`
    this.#isFresh = isFresh
    this.#read()
  }

  /** The URLs of every script and stylesheet of the build. */
  get urls (): string[] {
    const files = Object.values(this.#chunks).flatMap(({ file, css = [] }) => [file, ...css])
    return [...new Set(files.filter((file) => /\.(?:m?js|css)$/.test(file)))].map((file) => this.#url(file))
  }

  /** What a page needs for an entry, named as in the manifest: `src/main.ts`. */
  entry (name: string): Entry | undefined {
    if (this.#isFresh) this.#read()
    // What is no chunk is not remembered: a name may come from a request.
    if (!Object.hasOwn(this.#chunks, name)) return undefined
    const entry = this.#entries.get(name) ?? this.#resolve(name)
    this.#entries.set(name, entry)
    return entry
  }

  /** The names that `entry` knows. */
  get names (): string[] {
    return Object.keys(this.#chunks)
  }

  #read (): void {
    let value: unknown
    try {
      const stamp = stampOf(statSync(this.#file))
      if (stamp === this.#stamp) return
      value = JSON.parse(readFileSync(this.#file, 'utf8'))
      this.#stamp = stamp
    } catch (cause) {
      throw new SecurityError('BULWARK_ERR_INTEGRITY_VITE_INVALID', expectation('integrity.vite.manifest', 'a file with JSON that can be read', this.#file), { cause })
    }
    this.#chunks = check(value, 'integrity.vite.manifest')
    this.#entries = new Map()
    for (const [name, { imports = [], dynamicImports = [] }] of Object.entries(this.#chunks)) {
      const missing = [...imports, ...dynamicImports].find((imported) => !Object.hasOwn(this.#chunks, imported))
      if (missing !== undefined) throw new SecurityError('BULWARK_ERR_INTEGRITY_VITE_INVALID', `integrity.vite.manifest: expected every import to be a chunk, but ${JSON.stringify(name)} imports ${JSON.stringify(missing)}, which is none.`)
    }
  }

  #resolve (name: string): Entry {
    const now = this.#reach([name], false)
    const later = this.#reach(now, true).filter((reached) => !now.includes(reached))
    const chunks = now.map((reached) => this.#chunks[reached]!)
    return {
      url: this.#url(chunks[0]!.file),
      styles: [...new Set(chunks.flatMap(({ css = [] }) => css))].map((file) => this.#url(file)),
      imports: chunks.slice(1).map(({ file }) => this.#url(file)),
      dynamicImports: later.map((reached) => this.#url(this.#chunks[reached]!.file))
    }
  }

  /** The names of the chunks that some lead to, each once: imports may go in circles. */
  #reach (from: readonly string[], withDynamic: boolean): string[] {
    const reached = new Set(from)
    for (const name of reached) {
      const { imports = [], dynamicImports = [] } = this.#chunks[name]!
      for (const next of [...imports, ...withDynamic ? dynamicImports : []]) reached.add(next)
    }
    return [...reached]
  }

  #url (file: string): string {
    return this.#base + file.split('/').map(encodeName).join('/')
  }
}
