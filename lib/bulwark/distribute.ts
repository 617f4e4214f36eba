import { SecurityError } from '../errors.ts'
import { KeyRing } from '../keys.ts'
import { isLoopbackHost } from '../loopback-host.ts'
import { compileOptions, expectation } from '../options.ts'
import { parseOrigin } from '../origin.ts'
import { PARTS, type Part } from './parts.ts'
import { bulwarkDefaults, bulwarkSchema, OPTION_CODES, type SharedOptions } from './settings.ts'

/** What the plugin was given, its shape checked. What the options of a part hold is for the part to check. */
type Given = SharedOptions & { readonly [Name in Part]?: Options | false }
type Options = Readonly<Record<string, unknown>>

const checkOptions = compileOptions<Given>(bulwarkSchema, OPTION_CODES)

/** For each part, what it gets of what is said once or to another part; `undefined` is what was not said. */
const SHARED: { readonly [Name in Part]?: (given: Given) => Options } = {
  transport: ({ origin, hosts }) => ({ ...origin !== undefined && addressOf(new URL(origin)), ...hosts !== undefined && { hosts } }),
  session: ({ keys }) => ({ keys }),
  csrf: ({ keys, origin }) => ({ keys, origin }),
  // On a route that is exempt, csrf leaves its field in the body, and a strict schema would refuse the form.
  input: ({ csrf }) => ({ setAside: csrf !== undefined && csrf !== false && csrf['fieldName'] !== undefined ? [csrf['fieldName']] : undefined }),
  redirect: ({ keys, origin }) => ({ keys, origin })
}

/** What is lacking without which a part cannot start. */
const LACKING: { readonly [Name in Part]?: (own: Options) => keyof SharedOptions | false } = {
  transport: ({ hosts, host }) => hosts === undefined && host === undefined && 'origin',
  session: ({ keys }) => keys === undefined && 'keys',
  csrf: ({ keys, origin }) => origin === undefined ? 'origin' : keys === undefined && 'keys',
  redirect: ({ origin, localOnly }) => origin === undefined && localOnly !== true && 'origin'
}

/**
 * The options of every part that is on, in the order in which the parts are to be registered. What is said once is handed to each part that needs it; what
 * is said to the part itself holds over that.
 *
 * Throws `SecurityError`: `BULWARK_ERR_BULWARK_OPTION_UNKNOWN`, `BULWARK_ERR_BULWARK_OPTION_INVALID`.
 */
export function distribute (options: unknown): ReadonlyArray<readonly [Part, Options]> {
  const given = checkOptions(options, 'bulwark')
  checkShared(given)
  return PARTS.flatMap((part) => {
    const own = given[part] ?? bulwarkDefaults[part]
    if (own === false) return []
    const said = definedOf(SHARED[part]?.(given) ?? {})
    const lacking = LACKING[part]?.({ ...said, ...own })
    if (lacking) refuse(lacking, `what ${part} needs`, undefined, `Give it here or in the options of ${part}, or switch the part off with \`${part}: false\`.`)
    return [[part, { ...said, ...definedOf(own) }] as const]
  })
}

function definedOf (options: object): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function refuse (option: string, expected: string, received: unknown, advice: string): never {
  throw new SecurityError(OPTION_CODES.invalid, expectation(`bulwark.${option}`, expected, received, advice))
}

/** Checks what is said once under the name that it was said by, so that no error names an option which nobody wrote. */
function checkShared ({ keys, origin, transport }: Given): KeyRing | undefined {
  if (origin !== undefined) {
    const { protocol, hostname } = parseOrigin(origin, 'bulwark.origin', OPTION_CODES.invalid)
    // On the machine itself, transport lets plain http be outside of production.
    const isRefused = transport !== false && transport?.['https'] !== false && !isLoopbackHost(hostname)
    if (protocol === 'http:' && isRefused) refuse('origin', 'an origin of https', origin, 'Plain http is refused by transport, unless `transport.https` is `false`.')
  }
  return keys && new KeyRing(keys, 'bulwark.keys', OPTION_CODES.invalid)
}

/** The host and the port of https of the application. Under plain http, which has no port for redirects to lead to, the host goes with its port. */
function addressOf ({ protocol, hostname, host, port }: URL): Options {
  if (protocol === 'http:') return { hosts: [host] }
  return { hosts: [hostname], securePort: port === '' ? undefined : Number(port) }
}
