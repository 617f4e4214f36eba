import { SecurityError } from '../errors.ts'
import { compileOptions, expectation } from '../options.ts'
import type { CheckedField } from './checked-field.ts'
import type { Resolver } from './resolver.ts'
import { OPTION_CODES, routeRedirectSchema, type RouteRedirect } from './settings.ts'

/** What a route makes of targets. */
export interface Plan {
  readonly resolver: Resolver
  /** Whether every Location is checked. */
  readonly guards: boolean
  readonly field: CheckedField | null
  /** Reads tokens of `signNext` that are bound to nobody. */
  readonly verify: CheckedField['verify']
}

const PATH = 'config.security.redirect'
const checkSetting = compileOptions<RouteRedirect | false>(routeRedirectSchema, OPTION_CODES)

/** The plan of a route, laid over that of the application. Throws `SecurityError` for a wrong setting. */
export function compilePlan (setting: unknown, application: Plan): Plan {
  const route = checkSetting(setting, PATH)
  if (route === false) return { ...application, guards: false }
  const resolver = route.hosts === undefined ? application.resolver : application.resolver.with(route.hosts, `${PATH}.hosts`)
  return { ...application, resolver, field: compileField(route, resolver, application.verify) }
}

function compileField (route: RouteRedirect, resolver: Resolver, verify: CheckedField['verify']): CheckedField | null {
  const { field: name, in: sources = ['query', 'body'], fallback = '/', onUnsafe = 'reject' } = route
  if (name === undefined) {
    const alone = (['in', 'fallback', 'onUnsafe'] as const).find((key) => key in route)
    if (alone !== undefined) throw new SecurityError(OPTION_CODES.invalid, expectation(`${PATH}.field`, 'the name of a field', undefined, `\`${alone}\` says what is done with it.`))
    return null
  }
  const resolution = resolver.resolve(fallback)
  if (!resolution.ok) throw new SecurityError(OPTION_CODES.invalid, expectation(`${PATH}.fallback`, 'a safe target such as `/`', fallback))
  return { name, inQuery: sources.includes('query'), inBody: sources.includes('body'), fallback: resolution.href, rejects: onUnsafe === 'reject', verify }
}
