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
  /** The first error of a declared route. */
  failure: Error | undefined
  /** Whether a setting is another one than `declare` saw, by an `onRoute` hook of somebody else. Known from `finish` on. */
  hasLate = false
  readonly #options: RouteSettingsOptions<Plan>
  readonly #declared = Symbol('fastify-bulwark.declared')
  readonly #late = new WeakMap<object, Plan>()
  readonly #routes: ConfigurableRoute[] = []

  constructor (options: RouteSettingsOptions<Plan>) {
    this.#options = options
  }

  /** The plan of a route that is being declared. A wrong setting is kept in `failure`. */
  declare (route: ConfigurableRoute): Plan {
    const { fallback, notesAll } = this.#options
    this.#routes.push(route)
    // What was copied from another route may bring a note along.
    if (notesAll !== true && (route.config === undefined || (!('security' in route.config) && !this.isDeclared(route.config)))) return fallback
    const note: Note<Plan> = { setting: this.#settingOf(route.config), plan: this.#attempt(route) }
    route.config = { ...route.config, [this.#declared]: note }
    return note.plan
  }

  /**
   * To be called when all routes are declared: what other `onRoute` hooks have set since counts, too. Gives the first error, for the plugin's `onReady` hook: a wrong
   * setting never starts.
   */
  finish (): Error | undefined {
    for (const route of this.#routes.splice(0)) {
      const note = (route.config as Noted<Plan> | undefined)?.[this.#declared]
      if (this.#settingOf(route.config) === note?.setting) continue
      this.hasLate = true
      const plan = this.#attempt(route)
      if (note !== undefined) note.plan = plan
    }
    return this.failure
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
    const note = (config as Noted<Plan>)[this.#declared]
    if (note !== undefined) return note.plan
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

  #attempt (route: ConfigurableRoute): Plan {
    try {
      return this.#compile(route.config)
    } catch (error) {
      this.failure ??= error instanceof SecurityError
        ? new SecurityError(error.code, `${error.message} (route ${String(route.method)} ${route.url})`)
        : error as Error
      return this.#options.fallback
    }
  }

  #settingOf (config: object | undefined): unknown {
    const security = securityOf(config) as Record<string, unknown> | null | undefined
    return security?.[this.#options.plugin]
  }

  #compile (config: object | undefined): Plan {
    const { plugin, unknown, compile, fallback } = this.#options
    const security = securityOf(config)
    if (security === undefined) {
      if (config === undefined || !isInherited(config, 'security')) return fallback
      throw new SecurityError(unknown, 'config.security: expected a property of `config` itself, received one of its prototype. Fastify copies only what is its own.')
    }
    if (typeof security !== 'object' || security === null || Array.isArray(security)) {
      throw new SecurityError(unknown, expectation('config.security', 'an object with one key a plugin', security))
    }
    for (const name of Object.keys(security)) {
      if (!(PLUGINS as readonly string[]).includes(name)) {
        throw new SecurityError(unknown, unknownName(`config.security.${name}`, name, PLUGINS))
      }
    }
    if (isInherited(security, plugin)) throw new SecurityError(unknown, `config.security.${plugin}: expected a property of \`config.security\` itself, received one of its prototype.`)
    const setting = Object.hasOwn(security, plugin) ? (security as Record<string, unknown>)[plugin] : undefined
    return setting === undefined ? fallback : compile(setting)
  }
}

/** What a plan was compiled from, and the plan. */
interface Note<Plan> { readonly setting: unknown, plan: Plan }

type Noted<Plan> = Record<symbol, Note<Plan> | undefined>

/** True for what comes from a prototype, but not from that of every object. */
function isInherited (object: object, name: string): boolean {
  return name in object && !Object.hasOwn(object, name) && !(name in Object.prototype)
}

function securityOf (config: object | undefined): unknown {
  const security = (config as { security?: unknown } | undefined)?.security
  // What Object.prototype has, somebody put there while serving: it is no setting of any route.
  return security !== undefined && Object.hasOwn(config!, 'security') ? security : undefined
}
