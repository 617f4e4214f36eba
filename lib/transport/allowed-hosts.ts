import { admitsName, type HostPattern } from '../host-pattern.ts'
import { formatHost, parseHost } from './host.ts'

/** The two schemes of a request. */
export type Scheme = 'http' | 'https'

const DEFAULT_PORT: Readonly<Record<Scheme, string>> = { http: '80', https: '443' }

/**
 * The hosts that an application answers under.
 *
 * An entry without a port admits the default port of the scheme, and under https the secure port, too. An entry with a port admits
 * that port under either scheme.
 */
export class AllowedHosts {
  /** For each scheme, what a client that behaves writes, ready for a look-up; the value is the name alone. */
  readonly #exact: Readonly<Record<Scheme, ReadonlyMap<string, string>>>
  readonly #wildcards: readonly HostPattern[]
  readonly #securePort: string

  /** `securePort`: where https is served. */
  constructor (patterns: readonly HostPattern[], securePort: number) {
    this.#securePort = String(securePort)
    this.#wildcards = patterns.filter(({ hasWildcard }) => hasWildcard)
    const exact = patterns.filter(({ hasWildcard }) => !hasWildcard)
    this.#exact = { http: this.#spellings(exact, 'http'), https: this.#spellings(exact, 'https') }
  }

  /** Whether a host is an entry, letter for letter: what `admit` says of almost every request, at the price of a look-up. */
  isListed (host: string, scheme: Scheme): boolean {
    return this.#exact[scheme].has(host)
  }

  /** The name of an admitted host, without its port; `undefined` for every other one. */
  admit (host: string, scheme: Scheme): string | undefined {
    const parsed = parseHost(host)
    if (parsed === undefined) return undefined
    const { name, port } = parsed
    const exact = this.#exact[scheme].get(formatHost(name, port))
    if (exact !== undefined) return exact
    return this.#wildcards.some((pattern) => admitsName(pattern, name) && this.#ports(pattern.port, scheme).includes(port)) ? name : undefined
  }

  /** The ports that an entry admits, `''` for that of a Host without one. */
  #ports (port: string, scheme: Scheme): string[] {
    const standard = DEFAULT_PORT[scheme]
    if (port === '') return scheme === 'https' ? ['', standard, this.#securePort] : ['', standard]
    return port === standard ? ['', port] : [port]
  }

  #spellings (patterns: readonly HostPattern[], scheme: Scheme): Map<string, string> {
    return new Map(patterns.flatMap(({ name, port }) => this.#ports(port, scheme).map((port) => [formatHost(name, port), name] as const)))
  }
}
