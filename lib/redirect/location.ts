import type { Resolution, Resolver } from './resolver.ts'

/** What Node takes for a header and every client reads alike. */
const PRINTABLE = /^[\x21-\x7e]+$/

/**
 * What a Location of a reply to `requestUrl` should be. A value that is safe as it stands is left alone, however it is written: a relative one suits a
 * server that answers under several names. Another one that leads to the same site is sent as the parser writes it, since Node would refuse
 * `/日本` and send `/café` in latin-1.
 */
export function judgeLocation (location: unknown, requestUrl: string, resolver: Resolver): Resolution {
  const resolution = resolver.resolve(location, requestUrl)
  if (!resolution.ok || !PRINTABLE.test(location as string) || !resolver.isSafe(location)) return resolution
  return { ...resolution, href: location as string }
}
