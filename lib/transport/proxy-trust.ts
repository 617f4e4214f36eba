/** What is weak about Fastify's `trustProxy`. */
export interface TrustFinding {
  readonly code: 'trusts-everybody' | 'hop-count-ignored' | 'unknown'
  readonly message: string
}

const EVERYBODY = 'whoever connects chooses what `request.ip`, `request.host` and `request.protocol` are, and thereby passes the check of https. Name the addresses of your proxies.'

/** Addresses that are set aside for documentation and are nobody's proxy (RFC 5737, RFC 3849), with one of the loopback and of private networks each. */
const PROBES = ['192.0.2.1', '198.51.100.77', '203.0.113.254', '2001:db8::1', '127.0.0.1', '10.1.2.3', 'fd00::1']

const ALL_ADDRESSES = /(?:^|,)\s*[\d.:]*\/0+\s*(?:,|$)/

/** A function that says yes to the very neighbour, whoever it is, has not looked at the address. */
function trustsEverybody (trust: (address: string, hop: number) => unknown): boolean {
  try {
    return PROBES.every((address) => Boolean(trust(address, 0)))
  } catch {
    // It is the application's own, and nothing is known of it.
    return false
  }
}

/** Judges the option `trustProxy` of Fastify. */
export function judgeTrust (trustProxy: unknown): TrustFinding | undefined {
  const everybody = (what: string): TrustFinding => ({ code: 'trusts-everybody', message: `trustProxy ${what}: ${EVERYBODY}` })
  if (trustProxy === true) return everybody('is true')
  if (typeof trustProxy === 'number') {
    return { code: 'hop-count-ignored', message: 'trustProxy is a number, which Fastify ignores since 5.12.1: no forwarded header is read, and everything seems to come from the proxy over plain http. Name the addresses of your proxies.' }
  }
  if (typeof trustProxy === 'function') return trustsEverybody(trustProxy as never) ? everybody('is a function that does not look at the address') : undefined
  if (ALL_ADDRESSES.test(String(trustProxy))) return everybody('names all addresses')
  return undefined
}

/**
 * Judges the option `trustProxy` of an application. Fastify publishes its options only in part, and this one is not among them: it is read
 * from where Fastify keeps it, and where a later version keeps it elsewhere, the finding is that nothing is known.
 */
export function findTrust (app: object): TrustFinding | undefined {
  for (let scope: object | null = app; scope !== null; scope = Object.getPrototypeOf(scope) as object | null) {
    const symbol = Object.getOwnPropertySymbols(scope).find(({ description }) => description === 'fastify.options')
    if (symbol !== undefined) return judgeTrust((scope as Record<symbol, { trustProxy?: unknown }>)[symbol]!.trustProxy)
  }
  return { code: 'unknown', message: 'trustProxy of this version of Fastify cannot be read, and is not checked.' }
}
