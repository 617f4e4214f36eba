import type { ErrorCode } from '../errors.ts'
import { AllowedHosts } from './allowed-hosts.ts'
import { formatHost } from './host.ts'
import { findHostFault, hasOneHost, isHarmless, type HostFault } from './host-fault.ts'
import { isFromThisMachine } from './loopback.ts'
import { isNavigation } from './navigation.ts'
import { encodePath, parseRequestTarget } from './request-target.ts'
import { sentHost, type TransportRequest } from './request.ts'
import { compileTransport, type CompiledOptions, type Exemption } from './settings.ts'

/** What is done with a request that is not let through: it is led to https, or refused. */
export type Verdict =
  | { readonly location: string }
  | { readonly code: ErrorCode, readonly reason: HostFault | 'scheme' | 'host' | 'no-page' | 'no-secure-host' }

/** What is found of a request that is not an ordinary one. */
export interface Judgement {
  /** `undefined` for a request that is let through all the same. */
  readonly verdict: Verdict | undefined
  /** Whether the reply travels over the open network in the clear, where a cookie must not. */
  readonly isExposed: boolean
}

const SLASH = 47

/** Decides which requests an application answers. It holds nothing that a request could add to. */
export class Gate {
  readonly #options: CompiledOptions
  readonly #hosts: AllowedHosts
  readonly #port: string

  /** Throws `SecurityError` for options that are wrong. */
  constructor (options: unknown) {
    this.#options = compileTransport(options)
    this.#hosts = new AllowedHosts(this.#options.patterns, this.#options.securePort)
    this.#port = this.#options.securePort === 443 ? '' : String(this.#options.securePort)
  }

  /**
   * `undefined` for an ordinary request, which is let through. `exemptionOf` is asked only where there is something to be exempted from.
   * Scheme and host are read once: each time, Fastify compares the address of the peer with its list of proxies.
   */
  judge (request: TransportRequest, exemptionOf: () => Exemption): Judgement | undefined {
    const { protocol, host } = request
    if (this.#isOrdinary(request, protocol, host)) return undefined
    const { method, originalUrl, headers, raw, socket } = request
    const seen = { method, originalUrl, protocol, host, headers, raw, socket }
    return { verdict: this.#decide(seen, exemptionOf), isExposed: this.isExposed(seen) }
  }

  /** Whether the reply to a request travels over the open network in the clear, where a cookie must not. */
  isExposed (request: TransportRequest): boolean {
    return this.#options.https && request.protocol !== 'https' && !this.#isExemptedMachine(request)
  }

  /** What nearly every request is: little more than a look-up is done for it. */
  #isOrdinary ({ originalUrl, headers, raw }: TransportRequest, protocol: string, host: string): boolean {
    return protocol === 'https' && this.#hosts.isListed(host, protocol) && originalUrl.charCodeAt(0) === SLASH && hasOneHost(raw.rawHeaders) &&
      (headers['x-forwarded-host'] === undefined || isHarmless(sentHost({ raw }))) && (headers[':authority'] === undefined || headers['host'] === undefined)
  }

  #isExemptedMachine (request: TransportRequest): boolean {
    return this.#options.allowLoopback && isFromThisMachine(request)
  }

  #decide (request: TransportRequest, exemptionOf: () => Exemption): Verdict | undefined {
    const { protocol, host } = request
    if (protocol !== 'http' && protocol !== 'https') return { code: 'BULWARK_ERR_TRANSPORT_SCHEME_INVALID', reason: 'scheme' }
    const fault = findHostFault(request)
    // Probes speak HTTP/1.0 without a Host. A Host that is there must be one, whatever the route.
    if (fault !== undefined && !(fault === 'missing' && exemptionOf().hosts)) return { code: 'BULWARK_ERR_TRANSPORT_HOST_MALFORMED', reason: fault }
    const name = this.#hosts.admit(host, protocol)
    const isSecure = protocol === 'https' || !this.#options.https
    if ((isSecure && name !== undefined) || this.#isExemptedMachine(request)) return undefined
    if (name === undefined && !exemptionOf().hosts) return { code: 'BULWARK_ERR_TRANSPORT_HOST_REFUSED', reason: 'host' }
    return isSecure || exemptionOf().https ? undefined : this.#lead(request, name)
  }

  /** To https where a person is, and nowhere where a program is. */
  #lead (request: TransportRequest, name: string | undefined): Verdict {
    const code = 'BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED'
    if (!isNavigation(request)) return { code, reason: 'no-page' }
    const host = formatHost(this.#options.host ?? name ?? '', this.#port)
    // An entry with a port says that this port is ours, and nothing of the port of https.
    if (this.#hosts.admit(host, 'https') === undefined) return { code, reason: 'no-secure-host' }
    return { location: `https://${host}${encodePath(parseRequestTarget(request.originalUrl, request.method)!.path)}` }
  }
}
