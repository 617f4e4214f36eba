import type { ContextConfigDefault, FastifyInstance, FastifyPluginAsync, FastifyReply as Reply, FastifyRequest, FastifySchema as RouteSchema, HTTPMethods, RouteGenericInterface, RouteHandlerMethod, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { SecurityError } from '../lib/errors.ts'
import { Compilers, hasForeignCompiler } from '../lib/input/compilers.ts'
import type { FormFilesHost } from '../lib/form-files.ts'
import type { FormOptions } from '../lib/input/form-options.ts'
import type { Form, InputValidator, Validation, ValuesOf } from '../lib/input/form-type.ts'
import { kForm, kKind, RequestHooks, type FormRequest } from '../lib/input/request-hooks.ts'
import { kBody, splitRoutes } from '../lib/input/route-methods.ts'
import { lintOwnCompiler, partsOf, reportFindings, RoutePlan } from '../lib/input/route-plan.ts'
import type { SchemaFinding } from '../lib/input/schema-lint.ts'
import { resolveSettings, type InputOptions as Options, type InputSettings } from '../lib/input/settings.ts'
import { Standalone } from '../lib/input/standalone.ts'
import { printsRaw, type RenderText } from '../lib/input/view-engine.ts'
import { FORM_TYPE, parseForm } from '../lib/input/form-parser.ts'
import { behind } from '../lib/route-hooks.ts'

/* eslint-disable @typescript-eslint/no-unused-vars -- an interface has the same parameters in all of its declarations */
declare module 'fastify' {
  interface FastifyRequest<RouteGeneric, RawServer, RawRequest, SchemaCompiler, TypeProvider, ContextConfig, Logger, RequestType> {
    /**
     * The form that was sent: `ok` and `values`, or what is wrong.
     * Throws `SecurityError` `BULWARK_ERR_INPUT_FORM_MISSING` on a route whose body the plugin does not read.
     */
    readonly form: Form<ValuesOf<SchemaCompiler>>
  }
  interface RouteFormOptions<SchemaCompiler> extends FormOptions<ValuesOf<SchemaCompiler>, FastifyRequest, Reply, Form<ValuesOf<SchemaCompiler>>> {}
  interface RouteShorthandOptions<RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger> {
    /** How the body of the route is read as a form. Its fields are those of `schema.body`. */
    form?: RouteFormOptions<NoInfer<SchemaCompiler>>
  }
  interface FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider> {
    /** Validation without a route. */
    readonly input: InputValidator
    /** Declares a route for several methods, with its handler behind the options. */
    route<Generic extends RouteGenericInterface = RouteGenericInterface, Config = ContextConfigDefault, const Schema extends RouteSchema = RouteSchema>(
      options: RouteShorthandOptions<RawServer, RawRequest, RawReply, Generic, Config, Schema, TypeProvider, Logger> & { method: HTTPMethods | HTTPMethods[], url: string },
      handler: RouteHandlerMethod<RawServer, RawRequest, RawReply, Generic, Config, Schema, TypeProvider, Logger>
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
  }
}
/* eslint-enable @typescript-eslint/no-unused-vars */

/** The options of the plugin. */
export type InputOptions = Options<FastifyRequest>

interface Scope { readonly settings: InputSettings, readonly compilers: Compilers, readonly plans: Array<readonly [RoutePlan, FastifyInstance]>, readonly findings: SchemaFinding[] }

const kScope = Symbol('fastify-bulwark.input.scope')
const FORM = 'application/x-www-form-urlencoded'

type Server = FastifyInstance & { readonly [kScope]?: Scope }
type Route = RouteOptions & { [kBody]?: unknown }

function decorate (app: FastifyInstance): void {
  if (app.hasRequestDecorator(kForm)) return
  app.decorateRequest(kForm, null)
  app.decorateRequest(kKind, null)
  app.decorateRequest('form', {
    getter () {
      const state = (this as unknown as FormRequest)[kForm]
      if (state == null) throw new SecurityError('BULWARK_ERR_INPUT_FORM_MISSING')
      return state.form as unknown as Form<unknown>
    }
  } as never)
}

/** Forms are read by our parser where the application has none; a later `@fastify/formbody` is no conflict, since ours goes by an expression. */
function addParser (app: FastifyInstance): void {
  if (app.hasContentTypeParser(FORM) || app.hasContentTypeParser(FORM_TYPE)) return
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseForm(body as Buffer, (request.server as Server)[kScope]!.settings.limits.fields))
    } catch (error) {
      done(error as Error)
    }
  })
}

function planRoute (instance: FastifyInstance, route: Route, scope: Scope): void {
  const body = route.schema?.body ?? route[kBody]
  // Files alone are no form of ours.
  if (body === undefined && route.form !== undefined && Object.keys(route.form).join() === 'files') return
  if (body === undefined && route.form === undefined && partsOf(route.schema).length === 0) return
  const isForeign = route.validatorCompiler !== undefined || (route.form === undefined && hasForeignCompiler(instance.validatorCompiler))
  if (isForeign && route.form === undefined) {
    scope.findings.push(...lintOwnCompiler(route))
    return
  }
  const plan = new RoutePlan(route, body, scope.settings, isForeign)
  const hooks = new RequestHooks(plan, scope.settings)
  scope.plans.push([plan, instance])
  route.validatorCompiler = scope.compilers.ofRoute(hooks) as never
  if (scope.settings.limits.body !== undefined) route.bodyLimit ??= scope.settings.limits.body
  if (body === undefined) return
  if (route.schema?.body !== undefined) route.onRequest = behind(route.onRequest, hooks.gate as never)
  route.preValidation = behind(route.preValidation, hooks.read as never)
  // Last, so that who may not be here is refused before a database is asked or a page is written.
  route.preHandler = behind(route.preHandler, hooks.finish as never)
}

const register: FastifyPluginAsync<InputOptions> = async (app, options) => {
  const settings = resolveSettings(options)
  const standalone = new Standalone(settings, () => app.getSchemas())
  const scope: Scope = { settings, compilers: new Compilers(settings, standalone), plans: [], findings: [] }
  decorate(app)
  app.decorate(kScope, scope)
  app.decorate('input', standalone as unknown as InputValidator)
  addParser(app)
  splitRoutes(app)
  if (!hasForeignCompiler(app.validatorCompiler)) app.setValidatorCompiler(scope.compilers.ofEarlyRoutes((plan) => { scope.plans.push([plan, app]) }) as never)
  app.addHook('onRoute', function (route: Route) {
    if ((this as Server)[kScope] === scope) planRoute(this, route, scope)
  })
  app.addHook('onReady', async () => {
    scope.compilers.start()
    for (const [plan, instance] of scope.plans) scope.findings.push(...plan.compile(instance.getSchemas(), instance as FormFilesHost))
    const { view } = app as unknown as { view?: RenderText }
    if (view !== undefined && await printsRaw(view)) app.log.warn({ plugin: 'fastify-bulwark/input' }, 'the template engine of @fastify/view prints values without escaping them: see docs/escaping.md')
    reportFindings(scope.findings, scope.settings.lint, (finding) => app.log.warn({ plugin: 'fastify-bulwark/input', finding }, finding.message))
  })
}

/** Forms and JSON through one schema of TypeBox. */
export const input: FastifyPluginAsync<InputOptions> = fp(register, { name: 'fastify-bulwark/input', fastify: '5.x' })
export default input

export { f } from '../lib/input/fields.ts'
export { equalTo, requiredIf } from '../lib/input/form-options.ts'
export { html, safeJson } from '../lib/input/html.ts'
export { english } from '../lib/input/messages.ts'
export { german } from '../lib/input/messages-de.ts'
export { password } from '../lib/input/password.ts'
export { inputDefaults } from '../lib/input/settings.ts'
export { likePattern, sqlIdentifier } from '../lib/input/sql-identifier.ts'
export type { FieldView } from '../lib/input/field-view.ts'
export type { FileOptions, FileSchema } from '../lib/input/file-fields.ts'
export type { Html, HtmlAttributes } from '../lib/input/html.ts'
export type { Message, MessageKey, MessageParams, Messages } from '../lib/input/messages.ts'
export type { PasswordOptions } from '../lib/input/password.ts'
export type { Form, FormOptions, InputValidator, Validation }
