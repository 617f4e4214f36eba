import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { parseHostPattern, type HostPattern } from '../host-pattern.ts'
import { compileOptions, expectation, type OptionErrorCodes, type OptionSchema } from '../options.ts'
import { parseHost } from './host.ts'

/** Options of the transport plugin. `hosts` or `host` must be given. */
export interface TransportOptions {
  /**
   * The hosts that the application answers under: `app.test`, `*.app.test` (one or more labels before it), `app.test:8443`.
   * Without a port, the default port of the scheme is admitted, and `securePort` under https.
   */
  readonly hosts?: readonly string[]
  /** The host that every redirect to https leads to, without a port; it is admitted, too. Default: the host of the request, once admitted. */
  readonly host?: string
  /** Whether plain http is refused (RFC 9110 §15.4.9, ASVS 5.0 4.1.2 and 12.2.1). Default `true`. */
  readonly https?: boolean
  /** The port of https, 1 to 65535, for redirects and for entries of `hosts` without a port. Default 443. */
  readonly securePort?: number
  /** Whether a program on this machine may ask for this machine over plain http and without an entry. Default: not under `NODE_ENV=production`. */
  readonly allowLoopback?: boolean
}

/** What `config.security.transport` may hold: `false`, or what the route is exempted from. */
export interface TransportSettings {
  /** `false`: the route is served over plain http, too. */
  readonly https?: false
  /** `false`: the route is served under any host that is well formed. */
  readonly hosts?: false
}

/** The defaults of the options that have one of their own. */
export const transportDefaults: Readonly<Required<Pick<TransportOptions, 'https' | 'securePort'>>> = Object.freeze({ https: true, securePort: 443 })

const closed = { additionalProperties: false }

const properties = {
  hosts: Type.Optional(Type.Array(Type.String({ expected: 'a host' }), { description: 'The hosts that the application answers under: `app.test`, `*.app.test`, `app.test:8443`. This or `host` must be given.' })),
  host: Type.Optional(Type.String({ description: 'The host, without a port, that every redirect to https leads to. It is admitted, too. Without it, the redirect keeps the host of the request, once that is admitted.' })),
  https: Type.Optional(Type.Boolean({ default: true, description: 'Refuses plain http: pages are redirected, all else is refused. `false` leaves the check of hosts.' })),
  securePort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 443, description: 'The port of https, for redirects and for entries of `hosts` without a port.' })),
  allowLoopback: Type.Optional(Type.Boolean({ description: 'Exempts programs on this machine that ask for this machine (`localhost`, `127.0.0.1`, `[::1]`). Without it: `true`, and `false` under `NODE_ENV=production`.' }))
} satisfies Record<keyof TransportOptions, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/transport.md`. */
export const transportSchema: OptionSchema = Type.Object(properties, closed)

const routeSchema: OptionSchema = Type.Union([
  Type.Object({ https: Type.Optional(Type.Literal(false)), hosts: Type.Optional(Type.Literal(false)) }, { ...closed, expected: 'an object of `https: false` and `hosts: false`' }),
  Type.Literal(false)
])

const codes: OptionErrorCodes = { unknown: 'BULWARK_ERR_TRANSPORT_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_TRANSPORT_OPTION_INVALID' }
const checkOptions = compileOptions<TransportOptions>(transportSchema, codes)
const checkSetting = compileOptions<TransportSettings | false>(routeSchema, codes)

/** Options that are checked and complete. */
export interface CompiledOptions {
  readonly patterns: readonly HostPattern[]
  /** The name that redirects lead to. */
  readonly host: string | undefined
  readonly https: boolean
  readonly securePort: number
  readonly allowLoopback: boolean
}

function refuse (path: string, expected: string, received: unknown, advice?: string): never {
  throw new SecurityError(codes.invalid, expectation(path, expected, received, advice))
}

/** An entry whose name a Host may have: under another one, nothing would ever be served. Port 0 stands for whichever is free, on the machine of a developer. */
function pattern (entry: string, path: string): HostPattern {
  const parsed = parseHostPattern(entry)
  const label = parsed?.hasWildcard === true ? 'x' : ''
  const host = parsed && parseHost(label + parsed.name)
  if (host === undefined) {
    return refuse(path, 'a host such as `app.test`, `*.app.test` or `app.test:8443`', entry,
      'It has no scheme and no path, names are of letters, digits, dots and hyphens, and `*` stands for whole labels before two others.')
  }
  return { ...parsed!, name: host.name.slice(label.length) }
}

/** Checks the options of the application. Throws `SecurityError` for what is unknown, wrong or incomplete. */
export function compileTransport (options: unknown): CompiledOptions {
  const { hosts, host, https, securePort, allowLoopback = process.env['NODE_ENV'] !== 'production' } = { ...transportDefaults, ...checkOptions(options, 'transport') }
  const patterns = (hosts ?? []).map((entry, index) => pattern(entry, `transport.hosts[${index}]`))
  const fixed = host === undefined ? undefined : pattern(host, 'transport.host')
  if (fixed !== undefined && (fixed.hasWildcard || fixed.port !== '')) refuse('transport.host', 'one host without a port', host, '`securePort` has the port.')
  if (fixed !== undefined) patterns.push(fixed)
  if (patterns.length === 0) refuse('transport.hosts', 'the hosts that the application answers under', hosts, 'Nobody but you knows them: what a request says of itself can be forged.')
  return { patterns, host: fixed?.name, https, securePort, allowLoopback }
}

/** What a route is exempted from. */
export interface Exemption {
  readonly https: boolean
  readonly hosts: boolean
}

/** A route without a setting. */
export const NO_EXEMPTION: Exemption = { https: false, hosts: false }

/** Checks the setting of a route. Throws `SecurityError` for what is unknown or wrong. */
export function compileExemption (setting: unknown): Exemption {
  const checked = checkSetting(setting, 'config.security.transport')
  return checked === false ? { https: true, hosts: true } : { https: checked.https === false, hosts: checked.hosts === false }
}
