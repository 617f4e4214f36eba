import type { ErrorCode } from '../errors.ts'
import { AllowedHosts } from './allowed-hosts.ts'
import { formatHost } from './host.ts'
import { findHostFault, hasOneHost, type HostFault } from './host-fault.ts'
import { isFromThisMachine } from './loopback.ts'
import { isNavigation } from './navigation.ts'
import { encodePath, parseRequestTarget } from './request-target.ts'
import type { TransportRequest } from './request.ts'
import { compileTransport, type CompiledOptions, type Exemption } from './settings.ts'

/** What is done with a request that is not let through: it is led to https, or refused. */
export type Verdict =
  | { readonly location: string }
  | { readonly code: ErrorCode, readonly reason: HostFault | 'scheme' | 'host' | 'no-page' | 'no-secure-host' }

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

  /** Whether the reply to a request travels over the open network in the clear, where a cookie must not. */
  isExposed (request: TransportRequest): boolean {
    return this.#options.https && request.protocol !== 'https' && !this.#isExemptedMachine(request)
  }

  /** `undefined` for a request that is let through. `exemptionOf` is asked only where there is something to be exempted from. */
  judge (request: TransportRequest, exemptionOf: () => Exemption): Verdict | undefined {
    return this.#isOrdinary(request) ? undefined : this.#judgeClosely(request, exemptionOf)
  }

  /** What nearly every request is: on it, no expression is tried. */
  #isOrdinary ({ protocol, originalUrl, host, headers, raw }: TransportRequest): boolean {
    return protocol === 'https' && originalUrl.charCodeAt(0) === SLASH && this.#hosts.isListed(host, protocol) && hasOneHost(raw.rawHeaders) &&
      headers['x-forwarded-host'] === undefined && (headers[':authority'] === undefined || headers['host'] === undefined)
  }

  #isExemptedMachine (request: TransportRequest): boolean {
    return this.#options.allowLoopback && isFromThisMachine(request)
  }

  #judgeClosely (request: TransportRequest, exemptionOf: () => Exemption): Verdict | undefined {
    const { protocol, host } = request
    if (protocol !== 'http' && protocol !== 'https') return { code: 'BULWARK_ERR_TRANSPORT_SCHEME_INVALID', reason: 'scheme' }
    const fault = findHostFault(request)
    // Probes speak HTTP/1.0 without a Host. A Host that is there must be one, whatever the route.
    if (fault !== undefined && !(fault === 'missing' && exemptionOf().hosts)) return { code: 'BULWARK_ERR_TRANSPORT_HOST_MALFORMED', reason: fault }
    if (this.#isExemptedMachine(request)) return undefined
    const name = this.#hosts.admit(host, protocol)
    if (name === undefined && !exemptionOf().hosts) return { code: 'BULWARK_ERR_TRANSPORT_HOST_REFUSED', reason: 'host' }
    if (protocol === 'https' || !this.#options.https || exemptionOf().https) return undefined
    return this.#lead(request, name)
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
