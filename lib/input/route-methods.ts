/** Under which a route of methods without a body keeps the schema of the form that it shows. */
export const kBody: unique symbol = Symbol('fastify-bulwark.input.body')

/** What is read of the options that a route is declared with. */
interface Declared {
  readonly method?: unknown
  readonly schema?: { readonly body?: unknown }
  readonly form?: unknown
  readonly handler?: unknown
}

/** The methods of Fastify that declare routes. */
interface Declaring {
  readonly supportedMethods: readonly string[]
  route: (options: Declared, handler?: unknown) => unknown
}

type Shorthand = (this: Declaring, url: unknown, options: Declared, handler?: unknown) => unknown

/** The methods for whose routes Fastify refuses a schema of the body. */
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE'])
const SHORTHANDS = { get: 'GET', head: 'HEAD', trace: 'TRACE', all: undefined } as const

const showsForm = (options: Declared | undefined): options is Declared & { readonly schema: { readonly body: unknown } } => options?.form !== undefined && options.schema?.body !== undefined

/**
 * A form is shown and sent under one address. Fastify refuses a schema of the body for GET, so that such a route is declared as two: one
 * for the methods without a body, which keeps the schema under `kBody`, and one for the others. What has no `form` is left to Fastify.
 */
export function splitRoutes (given: object): void {
  const app = given as Declaring & Record<string, Shorthand>
  const declare = app.route as (this: Declaring, options: Declared) => unknown
  app.route = function (this: Declaring, given: Declared, handler?: unknown) {
    const options = handler === undefined ? given : { ...given, handler }
    const methods = [options?.method].flat()
    const bodyless = methods.filter((method) => typeof method === 'string' && BODYLESS.has(method.toUpperCase()))
    if (!showsForm(options) || bodyless.length === 0) return declare.call(this, options)
    const { body, ...schema } = options.schema
    if (bodyless.length < methods.length) declare.call(this, { ...options, method: methods.filter((method) => !bodyless.includes(method)) })
    return declare.call(this, { ...options, method: bodyless, schema, [kBody]: body } as Declared)
  }
  for (const [name, method] of Object.entries(SHORTHANDS)) {
    const shorthand = app[name]!
    app[name] = function (url, options, handler) {
      // Two handlers are refused by Fastify.
      if (!showsForm(options) || (handler !== undefined && options.handler !== undefined)) return shorthand.call(this, url, options, handler)
      return this.route({ ...options, method: method ?? [...this.supportedMethods], url } as Declared, handler)
    }
  }
}
