/** An import map (HTML §8.1.5.3) and the modules that it is to vouch for. */
export interface ImportMap {
  /** Specifier to address. A specifier that ends with `/` stands for all that begins with it; `null` forbids one. */
  readonly imports?: Readonly<Record<string, string | null>>
  /** Prefix of the importing script to specifiers. */
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, string | null>>>>
  /** Addresses of modules that others import by their address; `'all'` stands for every script of the roots. */
  readonly modules?: readonly string[] | 'all'
  /** Entries of the Vite manifest: everything that they import, now or later. */
  readonly entries?: readonly string[]
}

/**
 * The text of an import map with its `integrity`. `integrityOf` gives the metadata of an address, and `under` the addresses of the scripts
 * below one that ends with `/`: integrity is that of a file, so that a folder has none.
 */
export function formatImportMap ({ imports, scopes }: Pick<ImportMap, 'imports' | 'scopes'>, modules: readonly string[], integrityOf: (url: string) => string, under: (prefix: string) => readonly string[]): string {
  const addresses = [imports ?? {}, ...Object.values(scopes ?? {})]
    .flatMap((specifiers) => Object.values(specifiers))
    .flatMap((address) => address === null ? [] : address.endsWith('/') ? under(address) : [address])
  const integrity = Object.fromEntries([...new Set([...addresses, ...modules])].map((url) => [url, integrityOf(url)]))
  // Between tags of an element `script`: nothing in a text may end it, or begin a comment (HTML §4.12.1.3).
  return JSON.stringify({ ...imports && { imports }, ...scopes && { scopes }, integrity }).replaceAll('<', '\\u003c')
}
