import { SecurityError, type ErrorCode } from './errors.ts'
import { expectation, unknownName } from './options.ts'

/** The names that `config.security` may hold: one for each plugin of the suite that has route settings. */
const PLUGINS = ['headers', 'transport', 'integrity', 'session', 'csrf', 'files', 'redirect'] as const

/** What the function that compiles a setting may rely on; the plugin brings it. */
export interface RouteSettingsOptions<Plan> {
  /** The key under `config.security`. */
  readonly plugin: typeof PLUGINS[number]
  /** The code for an unknown key under `config.security`. */
  readonly unknown: ErrorCode
  /** Turns a setting, whatever it is, into a plan, or throws `SecurityError`. */
  readonly compile: (setting: unknown) => Plan
  /** The plan of a route without a setting, and of one whose setting was found to be wrong only while serving. */
  readonly fallback: Plan
  /** Whether `isDeclared` is asked about routes without a setting, too. They are then noted like the others, which costs each a copy of its `config`. */
  readonly notesAll?: boolean
}

/** The parts of Fastify's route options that settings are read from and plans are noted in. */
export interface ConfigurableRoute {
  readonly method: unknown
  readonly url: string
  config?: object
}

/**
 * The plans of one plugin's routes.
 *
 * Settings live in `config.security.<plugin>`, since `request.routeOptions.config` is visible whatever the order of
 * registration. The caller's objects are never written to: a plan is noted under a symbol in a fresh `config`, or, where the
 * setting was first seen while serving, in a `WeakMap`. A route without a setting has nothing noted, since there may be many.
 */
export class RouteSettings<Plan> {
  /** The first error of a declared route, for the plugin's `onReady` hook: a wrong setting never starts. */
  failure: Error | undefined
  readonly #options: RouteSettingsOptions<Plan>
  readonly #declared = Symbol('fastify-bulwark.declared')
  readonly #late = new WeakMap<object, Plan>()

  constructor (options: RouteSettingsOptions<Plan>) {
    this.#options = options
  }

  /** The plan of a route that is being declared. A wrong setting is kept in `failure`. */
  declare (route: ConfigurableRoute): Plan {
    const { fallback, notesAll } = this.#options
    // What was copied from another route may bring a note along.
    if (notesAll !== true && securityOf(route.config) === undefined && (route.config === undefined || !this.isDeclared(route.config))) return fallback
    let plan = fallback
    try {
      plan = this.#compile(route.config)
    } catch (error) {
      this.failure ??= error instanceof SecurityError
        ? new SecurityError(error.code, `${error.message} (route ${String(route.method)} ${route.url})`)
        : error as Error
    }
    route.config = { ...route.config, [this.#declared]: plan }
    return plan
  }

  /** True when `declare` saw the route of this `config`, and has noted its plan. */
  isDeclared (config: object): boolean {
    return this.#declared in config
  }

  /**
   * The plan for a request's route. A setting that `declare` did not see is compiled here, once; where it is wrong, `onError`
   * is told, once, and the fallback holds: a request is no place to fail for what the program got wrong.
   */
  planFor (config: object, onError: (error: unknown) => void): Plan {
    const declared = (config as Record<symbol, Plan | undefined>)[this.#declared]
    if (declared !== undefined) return declared
    if (securityOf(config) === undefined) return this.#options.fallback
    const known = this.#late.get(config)
    if (known !== undefined) return known
    let plan = this.#options.fallback
    try {
      plan = this.#compile(config)
    } catch (error) {
      onError(error)
    }
    this.#late.set(config, plan)
    return plan
  }

  #compile (config: object | undefined): Plan {
    const { plugin, unknown, compile, fallback } = this.#options
    const security = securityOf(config)
    if (security === undefined) return fallback
    if (typeof security !== 'object' || security === null || Array.isArray(security)) {
      throw new SecurityError(unknown, expectation('config.security', 'an object with one key a plugin', security))
    }
    for (const name of Object.keys(security)) {
      if (!(PLUGINS as readonly string[]).includes(name)) {
        throw new SecurityError(unknown, unknownName(`config.security.${name}`, name, PLUGINS))
      }
    }
    const setting = Object.hasOwn(security, plugin) ? (security as Record<string, unknown>)[plugin] : undefined
    return setting === undefined ? fallback : compile(setting)
  }
}

function securityOf (config: object | undefined): unknown {
  const security = (config as { security?: unknown } | undefined)?.security
  // What Object.prototype has, somebody put there while serving: it is no setting of any route.
  return security !== undefined && Object.hasOwn(config!, 'security') ? security : undefined
}
