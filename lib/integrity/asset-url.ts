import { isLoopbackHost } from '../loopback-host.ts'
import { parseUrl } from '../parse-url.ts'

/** Stands for this site, whatever its name. */
const SITE = 'http://site.invalid'

/** What would end a path, or what the URL parser takes out or for something else. */
const STRUCTURE = /[%?#\\\t\n\r]/g

/** The name of a file as a browser asks for it (URL §4.5): percent-encoded where a path needs it, and no further. */
export function encodeName (name: string): string {
  return new URL(`${SITE}/${name.replace(STRUCTURE, encodeURIComponent)}/`).pathname.slice(1, -1)
}

/**
 * The path under which this site serves what `url` names, as a browser asks for it: without query and fragment, which select no other
 * file, without dot segments, and in one spelling of its percent-encoding. `undefined` for what leads to another site, for a path
 * that depends on the page (`app.js`), and for one that names no file (`%2F`, `%` alone).
 */
export function localPath (url: string): string | undefined {
  const address = /^[/\\]/.test(url) ? parseUrl(url, SITE) : undefined
  if (address?.origin !== SITE) return undefined
  try {
    const names = address.pathname.split('/').map(decodeURIComponent)
    return names.some((name) => name.includes('/') || name.includes('\0')) ? undefined : names.map(encodeName).join('/')
  } catch {
    return undefined
  }
}

/**
 * The address of an asset of another site in its one spelling, without fragment; `undefined` for anything else than https without
 * credentials. Plain http is admitted on the loopback, for development and tests.
 */
export function remoteAddress (url: string): string | undefined {
  const address = /^https?:\/\//i.test(url) ? parseUrl(url) : undefined
  if (address === undefined || address.username !== '' || address.password !== '') return undefined
  if (address.protocol !== 'https:' && !isLoopbackHost(address.hostname)) return undefined
  address.hash = ''
  return address.href
}

/** Whether the prefix of a root is a path that URLs can begin with: `/`, `/public`, `/public/`. */
export function isPrefix (prefix: string): boolean {
  return prefix.startsWith('/') && localPath(prefix) === prefix && !prefix.includes('//')
}
