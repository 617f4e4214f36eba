import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'
import { takeField } from '../lib/csrf/body-field.ts'
import { decide, isSafe } from '../lib/csrf/decide.ts'
import type { Reason } from '../lib/csrf/event.ts'
import { Exemptions } from '../lib/csrf/exemptions.ts'
import { boundaryOf, readFirstPart } from '../lib/csrf/first-part.ts'
import { Guard, type Plan } from '../lib/csrf/guard.ts'
import { hiddenInput, metaElement } from '../lib/csrf/markup.ts'
import { settleChecked, settleIssued } from '../lib/csrf/reply-headers.ts'
import { kClosed, kIssued, kVerdict, type RequestState } from '../lib/csrf/request-state.ts'
import type { CsrfSettings, RouteCsrf } from '../lib/csrf/settings.ts'
import { SecurityError } from '../lib/errors.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { unpackResponse } from '../lib/web-response.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * A token for the forms and scripts of the page that is being written, one for the whole request. Where the visitor has no session, the reply sets a cookie.
     * Throws `SecurityError` `BULWARK_ERR_CSRF_TOKEN_LATE` after the headers of the reply were written.
     */
    csrfToken (): string
    /** The token as a hidden input. In a multipart form it has to come first. */
    csrfField (): string
    /** The token as `<meta name="csrf-token">`, for scripts. */
    csrfMeta (): string
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  /** Settings of a route, one key a plugin. */
  interface SecuritySettings {
    csrf?: RouteCsrf
  }
}

/** Options of the csrf plugin. */
export interface CsrfOptions extends CsrfSettings<FastifyRequest, FastifyReply> {}

const kGuard = Symbol('fastify-bulwark.csrf.guard')

/** One guard a registration: the innermost one that encloses a route serves it. */
type OwnGuard = Guard<FastifyRequest, FastifyReply>
type Server = FastifyInstance & { readonly [kGuard]?: OwnGuard }
type State = FastifyRequest & RequestState

const guardOf = (server: FastifyInstance): OwnGuard => (server as Server)[kGuard]!

function tokenOf (request: FastifyRequest): string {
  const state = request as State
  if (state[kClosed]) throw new SecurityError('BULWARK_ERR_CSRF_TOKEN_LATE')
  state[kIssued] = guardOf(request.server).issue(request, state[kIssued])
  return state[kIssued].token
}

function decorate (app: FastifyInstance): void {
  if (app.hasRequestDecorator(kVerdict)) return
  app.decorateRequest(kVerdict, null)
  app.decorateRequest(kIssued, null)
  app.decorateRequest(kClosed, false)
  app.decorateRequest('csrfToken', function () { return tokenOf(this) })
  app.decorateRequest('csrfField', function () { return hiddenInput(guardOf(this.server).fieldName, tokenOf(this)) })
  app.decorateRequest('csrfMeta', function () { return metaElement(tokenOf(this)) })
}

function refuse (guard: OwnGuard, request: FastifyRequest, reply: FastifyReply, reason: Reason, next: HookHandlerDoneFunction): void {
  (request as State)[kVerdict] = 'pass'
  guard.refuse(request, reply, reason, next)
}

function judgeToken (guard: OwnGuard, request: FastifyRequest, reply: FastifyReply, given: unknown, next: HookHandlerDoneFunction): void {
  const fault = guard.fault(request, given)
  if (fault !== undefined) return refuse(guard, request, reply, fault, next)
  ;(request as State)[kVerdict] = 'pass'
  next()
}

const register: FastifyPluginAsync<CsrfOptions> = async (app, options) => {
  const guard: OwnGuard = new Guard(options)
  const routes = new RouteSettings<Plan>({ plugin: 'csrf', unknown: 'BULWARK_ERR_CSRF_OPTION_UNKNOWN', compile: (setting) => guard.planOf(setting), fallback: guard.plan })
  const exemptions = new Exemptions()
  decorate(app)
  app.decorate(kGuard, guard)

  app.addHook('onRoute', function (route) {
    if (guardOf(this) === guard && routes.declare(route).isExempt) exemptions.note(route)
  })
  app.addHook('onRequest', function (request, reply, next) {
    if (guardOf(this) !== guard) return next()
    const { config } = request.routeOptions
    const plan = routes.planFor(config, (err) => request.log.error({ err }, 'config.security.csrf of this route is wrong: the options of the application hold'))
    if (plan.isExempt && !routes.isDeclared(config) && exemptions.isNews(config)) request.log.warn('this route is without protection against cross-site requests')
    const { method, headers, socket } = request.raw
    if (plan.isExempt || (!plan.isStrict && isSafe(method!, headers))) return next()
    const verdict = decide(headers, plan, socket)
    if (verdict !== 'pass' && verdict !== 'token') return refuse(guard, request, reply, verdict, next)
    ;(request as State)[kVerdict] = plan.needsToken ? 'token' : verdict
    next()
  })
  // Not `=== null`: in a scope that was made before the plugin, a request has none of the decorators. Behind every onRequest hook, so that a session is known; before anything parses the body, so that no file is taken of a request to be refused.
  app.addHook('preParsing', function (request, reply, payload, next) {
    const state = request as State
    if (state[kVerdict] == null || guardOf(this) !== guard) return next()
    const { headers, method } = request.raw
    const boundary = method === 'GET' || method === 'HEAD' ? undefined : boundaryOf(headers['content-type'])
    const given = state[kVerdict] === 'token' ? headers[guard.headerName] : undefined
    const readPart: HookHandlerDoneFunction = boundary === undefined
      ? next
      : (error) => {
          if (error !== undefined) return next(error)
          readFirstPart(payload, boundary, guard.fieldName, (value) => state[kVerdict] === 'token' ? judgeToken(guard, request, reply, value, next) : next())
        }
    return given === undefined ? readPart() : judgeToken(guard, request, reply, given, readPart)
  })
  app.addHook('preValidation', function (request, reply, next) {
    const verdict = (request as State)[kVerdict]
    if (verdict == null || guardOf(this) !== guard) return next()
    const given = takeField(request.body, guard.fieldName)
    return verdict === 'token' ? judgeToken(guard, request, reply, given, next) : next()
  })
  app.addHook('onSend', function (request, reply, payload, next) {
    if (guardOf(this) !== guard) return next()
    const state = request as State
    const rest = unpackResponse(reply, payload)
    state[kClosed] = true
    if (state[kIssued] != null) settleIssued(reply, state[kIssued])
    if (state[kVerdict] != null) settleChecked(reply, request.method)
    next(null, rest)
  })
  // The page for an error is another reply.
  app.addHook('onError', (request, _reply, _error, next) => {
    ;(request as State)[kClosed] = false
    next()
  })
  app.addHook('onReady', (next) => {
    for (const warning of guard.warnings) app.log.warn({ plugin: 'fastify-bulwark/csrf' }, warning)
    if (exemptions.list.length > 0) app.log.info({ plugin: 'fastify-bulwark/csrf', exempt: exemptions.list }, 'routes without protection against cross-site requests')
    next(routes.finish())
  })
}

/** Refuses requests that another site had the browser of a visitor send. */
export const csrf: FastifyPluginAsync<CsrfOptions> = fp(register, { name: 'fastify-bulwark/csrf', fastify: '5.x' })
export default csrf

export { csrfDefaults } from '../lib/csrf/settings.ts'
export { generateKey } from '../lib/keys.ts'
export type { CsrfEvent, Reason as CsrfReason } from '../lib/csrf/event.ts'
export type { RouteCsrf }
