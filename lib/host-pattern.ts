import { parseUrl } from './parse-url.ts'

/** Hosts that an entry of an allow list admits. */
export interface HostPattern {
  /** As the URL parser writes it: lower case, punycode. Of `*.good.test` it is what stands behind the `*`, with its dot. */
  readonly name: string
  /** True for `*.good.test`: one or more labels before `name`, never none. */
  readonly hasWildcard: boolean
  /** The port, or `''` where the entry names none. */
  readonly port: string
}

/** One label at least, and one more behind it unless it is `localhost`: `*.com` would admit everybody who buys a name. */
const WILDCARD = /^\*\.(?=[^.]+\.[^.]|localhost(?::|$))/

/** What `good.test`, `good.test:8443` or `*.good.test` admits; `undefined` for what is no such entry. */
export function parseHostPattern (entry: string): HostPattern | undefined {
  const hasWildcard = WILDCARD.test(entry)
  const rest = hasWildcard ? entry.slice(2) : entry
  if (!/^(?:[^\s/\\?#@:*[\]]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(rest)) return undefined
  const hostname = parseUrl(`https://${rest}`)?.hostname
  if (hostname === undefined) return undefined
  // A number is an address, of which there are no subdomains.
  if (hasWildcard && /^(?:\[|[\d.]+$)/.test(hostname)) return undefined
  return { name: hasWildcard ? `.${hostname}` : hostname, hasWildcard, port: /:(\d+)$/.exec(rest)?.[1]?.replace(/^0+(?=\d)/, '') ?? '' }
}

/** Whether a pattern admits a host name as the URL parser writes it. Ports are the caller's: what is a default depends on the scheme. */
export function admitsName (pattern: HostPattern, hostname: string): boolean {
  return pattern.hasWildcard ? hostname.length > pattern.name.length && hostname.endsWith(pattern.name) && !hostname.startsWith('.') : hostname === pattern.name
}
