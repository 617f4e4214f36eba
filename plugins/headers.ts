import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { SecurityError } from '../lib/errors.ts'
import { guardedNonces, pooledNonces, type NonceGenerator, type ReplyNonces } from '../lib/headers/nonce.ts'
import type { Plan } from '../lib/headers/plan.ts'
import { Planner } from '../lib/headers/planner.ts'
import type { ReplyPolicy } from '../lib/headers/reply-policy.ts'
import { kNonces, kPolicy, kWritten, noncesOf, policyOf, settle, unsettle, type RawReply, type ReplyState } from '../lib/headers/reply-state.ts'
import type { HeadersOptions, HeaderSettings } from '../lib/headers/settings.ts'
import { behind } from '../lib/route-hooks.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { unpackResponse } from '../lib/web-response.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The nonce of this reply, made when it is first read: 22 characters of base64url.
     * Throws `SecurityError` `BULWARK_ERR_HEADERS_NONCE_LATE` when first read after the headers were written.
     */
    readonly cspNonce: string
    /** The nonce for styles: `cspNonce`, or one of its own under the option `nonce.separateStyle`. */
    readonly cspStyleNonce: string
  }
  interface FastifyReply {
    /** Additions to the Content-Security-Policy of this reply alone. */
    readonly csp: ReplyPolicy
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  /** Settings of a route, one key a plugin. */
  interface SecuritySettings {
    headers?: HeaderSettings | false
  }
}

/** One registration: the innermost one that encloses a route serves it. */
interface Scope {
  readonly planner: Planner
  readonly routes: RouteSettings<Plan>
  readonly generate: NonceGenerator
  readonly separateStyle: boolean
}

const kScope = Symbol('fastify-bulwark.headers.scope')

type Server = FastifyInstance & { readonly [kScope]?: Scope }
type State = FastifyRequest & ReplyState

function nonces (request: FastifyRequest): ReplyNonces {
  const scope = (request.server as Server)[kScope]
  return noncesOf(request as State, scope?.generate ?? pooledNonces(), scope?.separateStyle ?? false)
}

/** @fastify/view copies `reply.locals` for every template: an object that is a string when printed keeps the nonce unread until then. */
function exposeNonces (request: FastifyRequest, reply: FastifyReply): void {
  const { locals } = reply as { locals?: Record<string, unknown> | null }
  if (locals === undefined || locals === null) return
  locals['cspNonce'] ??= { toString: () => request.cspNonce }
  locals['cspStyleNonce'] ??= { toString: () => request.cspStyleNonce }
}

function decorate (app: FastifyInstance): void {
  if (app.hasRequestDecorator(kNonces)) return
  app.decorateRequest(kNonces, null)
  app.decorateRequest(kPolicy, null)
  app.decorateRequest(kWritten, null)
  app.decorateRequest('cspNonce', { getter () { return nonces(this).script } })
  app.decorateRequest('cspStyleNonce', { getter () { return nonces(this).style } })
  app.decorateReply('csp', { getter () { return policyOf(this.request as State) } })
}

const register: FastifyPluginAsync<HeadersOptions> = async (app, options) => {
  const planner = new Planner(options)
  const { generate, separateStyle = false } = planner.options.nonce ?? {}
  const isFirst = app.printRoutes() === '(empty tree)'
  const routes = new RouteSettings<Plan>({ plugin: 'headers', unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', compile: (setting) => planner.planOf(setting), fallback: planner.plan, notesAll: !isFirst })
  const scope: Scope = { planner, routes, generate: generate === undefined ? pooledNonces() : guardedNonces(generate), separateStyle }
  decorate(app)
  app.decorate(kScope, scope)

  const settleAs = (plan: Plan): onSendHookHandler => function (request, reply, payload, next) {
    const rest = unpackResponse(reply, payload)
    if ((this as Server)[kScope] === scope) settle(request as State, reply, planner, routes.hasLate && !request.is404 ? planOf(scope, request) : plan)
    next(null, rest)
  }
  const settlePlain = settleAs(planner.plan)
  app.addHook('onRoute', function (route) {
    if ((this as Server)[kScope] !== scope) return
    const plan = routes.declare(route)
    // Behind every other hook of the route, so that what those add (a validator, a nonce in the page) is seen.
    route.onSend = behind(route.onSend, plan === planner.plan ? settlePlain : settleAs(plan))
  })
  // For what no `onRoute` saw: 404, and routes that were there before the plugin.
  app.addHook('onSend', function (request, reply, payload, next) {
    if ((isFirst && !request.is404) || (this as Server)[kScope] !== scope || routes.isDeclared(request.routeOptions.config)) return next()
    settleAs(planOf(scope, request)).call(this, request, reply, payload, next)
  })
  app.addHook('preHandler', (request, reply, next) => {
    exposeNonces(request, reply)
    next()
  })
  // The error page is another reply: its headers are decided anew, and a template for it finds its nonce although no preHandler ran.
  app.addHook('onError', function (request, reply, _error, next) {
    if ((this as Server)[kScope] === scope && unsettle(request as State, reply)) settle(request as State, reply, planner, planOf(scope, request))
    exposeNonces(request, reply)
    next()
  })
  app.addHook('onReady', (next) => {
    for (const finding of planner.findings) app.log[finding.severity === 'info' ? 'info' : 'warn']({ plugin: 'fastify-bulwark/headers', finding }, finding.message)
    app.log.debug({ plugin: 'fastify-bulwark/headers', plans: planner.size }, 'plans compiled')
    next(routes.finish())
  })
}

function planOf ({ routes }: Scope, request: RawReply['request']): Plan {
  return routes.planFor(request.routeOptions.config, (err) => request.log.error({ err }, 'config.security.headers of this route is wrong: the headers of the application are sent'))
}

/**
 * Writes the headers onto the raw response of a hijacked reply or of a stream of server-sent events, before its `writeHead`.
 * Set the content type before; what the raw response has already is left alone.
 *
 * Throws `SecurityError`: `BULWARK_ERR_HEADERS_MISSING` where the plugin is not registered, `BULWARK_ERR_HEADERS_SENT` when it is too late.
 */
export function applySecurityHeaders (reply: RawReply): void {
  const { raw, request } = reply
  const scope = (reply.server as Server)[kScope]
  if (scope === undefined) throw new SecurityError('BULWARK_ERR_HEADERS_MISSING')
  if (raw.headersSent) throw new SecurityError('BULWARK_ERR_HEADERS_SENT')
  settle(request, {
    statusCode: raw.statusCode,
    getHeader: (name) => raw.getHeader(name),
    hasHeader: (name) => raw.hasHeader(name),
    header: (name, value) => raw.setHeader(name, value),
    removeHeader: (name) => raw.removeHeader(name)
  }, scope.planner, planOf(scope, request))
}

/** Security headers with a Content-Security-Policy whose nonce follows its use. */
export const headers: FastifyPluginAsync<HeadersOptions> = fp(register, { name: 'fastify-bulwark/headers', fastify: '5.x' })
export default headers

export { hashOf } from '../lib/headers/csp-hash.ts'
export { lintPolicy } from '../lib/headers/csp-lint.ts'
export { headersDefaults } from '../lib/headers/presets.ts'
export { secureServerOptions } from '../lib/headers/server-options.ts'
export type { Directives } from '../lib/headers/csp-policy.ts'
export type { Finding } from '../lib/headers/finding.ts'
export type { HeaderSettings, HeadersOptions, ReplyPolicy }
