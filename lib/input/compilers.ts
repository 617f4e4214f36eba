import { SecurityError } from '../errors.ts'
import { RequestHooks } from './request-hooks.ts'
import { RoutePlan } from './route-plan.ts'
import type { LintedPart } from './schema-lint.ts'
import type { InputSettings } from './settings.ts'
import type { Standalone } from './standalone.ts'

/** What Fastify gives to a compiler. */
interface Compiled { readonly schema: unknown, readonly method?: string, readonly url?: string, readonly httpPart?: string | null }

type Compiler = (compiled: Compiled) => (data: unknown) => unknown

/** The compilers of all applications that are ours. */
const OWN = new WeakSet<object>()

/** Whether a scope has a compiler that its program chose. */
export function hasForeignCompiler (compiler: object | undefined): boolean {
  return compiler !== undefined && !OWN.has(compiler)
}

/** Compiles the parts of routes for Fastify: at start those of the routes, later what a program asks for with `request.validateInput`. */
export class Compilers {
  readonly #settings: InputSettings
  readonly #standalone: Standalone
  #early: string | undefined
  #isReady = false

  constructor (settings: InputSettings, standalone: Standalone) {
    this.#settings = settings
    this.#standalone = standalone
  }

  /** The compiler of a route that was planned. */
  ofRoute (hooks: RequestHooks): Compiler {
    return ({ schema, httpPart }) => this.#isReady ? this.#standalone.checkOf(schema as object) : hooks.validatorOf(httpPart as LintedPart)
  }

  /** The compiler of routes that were declared before the plugin. Their `form` is known to nobody, so that what they check with it would be skipped. */
  ofEarlyRoutes (onPlan: (plan: RoutePlan) => void): Compiler {
    const compiler: Compiler = ({ schema, method, url, httpPart }) => {
      if (this.#isReady) return this.#standalone.checkOf(schema as object)
      if (httpPart === 'body') this.#early ??= `${method} ${url}`
      const plan = new RoutePlan({ method, url: url!, schema: { [httpPart!]: schema } }, undefined, this.#settings, false)
      if (httpPart !== 'body') onPlan(plan)
      return new RequestHooks(plan, this.#settings).validatorOf(httpPart as LintedPart)
    }
    OWN.add(compiler)
    return compiler
  }

  /** Throws `SecurityError` `BULWARK_ERR_INPUT_ROUTE_EARLY` for a route with a body that was declared before the plugin. */
  start (): void {
    if (this.#early !== undefined) throw new SecurityError('BULWARK_ERR_INPUT_ROUTE_EARLY', `The route ${this.#early} has a schema of its body and was declared before the input plugin was there, so that its \`form\` would be ignored. Register the plugin with \`await\`, before the code that declares the route.`)
    this.#isReady = true
  }
}
