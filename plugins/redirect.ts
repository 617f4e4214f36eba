import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { kApprovedLocation } from '../lib/approved-location.ts'
import { KeyRing } from '../lib/keys.ts'
import { compileOptions } from '../lib/options.ts'
import { checkBody, checkQuery, targetOf } from '../lib/redirect/checked-field.ts'
import { dropUnsendable, guardLocation, hasTarget } from '../lib/redirect/net.ts'
import { sendBack, sendExternal, sendLeavePage, sendSafe } from '../lib/redirect/reply-redirect.ts'
import { refuseTarget, report } from '../lib/redirect/request-log.ts'
import { Resolver } from '../lib/redirect/resolver.ts'
import { compilePlan, type Plan } from '../lib/redirect/route-plan.ts'
import { OPTION_CODES, redirectDefaults, redirectSchema, type RedirectOptions, type RouteRedirect, type SafeRedirectOptions, type StatusOptions } from '../lib/redirect/settings.ts'
import { SignedNext, unsigned, verifierOf, type SignOptions } from '../lib/redirect/signed-next.ts'
import { behind } from '../lib/route-hooks.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { unpackResponse } from '../lib/web-response.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a target may be sent, or handed to a script, as it is. Takes anything and never throws. */
    isSafeRedirect (url: unknown): boolean
    /** The checked target of a route with `config.security.redirect.field`: what the request names, or the fallback. `null` on other routes. */
    readonly redirectTarget: string | null
    /**
     * A token for a target, to survive a form. Throws `SecurityError`: `BULWARK_ERR_REDIRECT_UNSAFE` (400) for a target that is not safe,
     * `BULWARK_ERR_REDIRECT_KEYS_MISSING` without the option `keys`, `BULWARK_ERR_REDIRECT_OPTION_INVALID` for a wrong `maxAge` or `bind`.
     */
    signNext (url: unknown, options: SignOptions): string
    /** The target of a token, `null` for one that is forged, expired, or bound to something else. Throws `BULWARK_ERR_REDIRECT_KEYS_MISSING`. */
    verifyNext (token: unknown, options?: { readonly bind?: string }): string | null
  }
  interface FastifyReply {
    /** Redirects to a target that is on the list, else to the fallback, else answers 400. */
    safeRedirect (url: unknown, options?: SafeRedirectOptions): FastifyReply
    /** Redirects to any URL of http or https, past the list. Never give it what a request names. */
    externalRedirect (url: string, options?: StatusOptions): FastifyReply
    /** Shows a page that asks before the visitor goes on to another site. Redirects where the target is on the list. */
    leaveTo (url: unknown): FastifyReply
    /** Redirects to where the visitor came from (Referer), if that is on the list and another page, else to the fallback. */
    redirectBack (fallback: string, options?: StatusOptions): FastifyReply
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  interface SecuritySettings {
    redirect?: RouteRedirect | false
  }
}

/** One registration: the innermost one that encloses a route serves it. */
interface Scope {
  readonly routes: RouteSettings<Plan>
  readonly signed: Pick<SignedNext, 'sign' | 'verify'>
}

const kScope = Symbol('fastify-bulwark.redirect.scope')

type Server = FastifyInstance & { readonly [kScope]?: Scope }
type Reply = FastifyReply & { [kApprovedLocation]?: string }

const checkOptions = compileOptions<RedirectOptions>(redirectSchema, OPTION_CODES)
const scopeOf = (request: FastifyRequest): Scope => (request.server as Server)[kScope]!

function planOf (request: FastifyRequest, { routes } = scopeOf(request)): Plan {
  return routes.planFor(request.routeOptions.config, (err) => request.log.error({ err }, 'config.security.redirect of this route is wrong: the options of the application hold'))
}

function decorate (app: FastifyInstance): void {
  if (kScope in app) return
  app.decorateRequest('isSafeRedirect', function (url) { return planOf(this).resolver.isSafe(url) })
  app.decorateRequest('redirectTarget', { getter () { return targetOf(this, () => planOf(this)) } })
  app.decorateRequest('signNext', function (url, options) {
    const resolution = planOf(this).resolver.resolve(url, this.originalUrl)
    if (!resolution.ok) throw refuseTarget(this, resolution.reason, url)
    return scopeOf(this).signed.sign(resolution.href, options, Date.now())
  })
  app.decorateRequest('verifyNext', function (token, options = {}) {
    const verification = scopeOf(this).signed.verify(token, 'bind' in options ? options.bind ?? null : undefined, Date.now())
    // The list may have become shorter since.
    const outcome = verification.ok ? planOf(this).resolver.resolve(verification.href) : verification
    if (outcome.ok) return outcome.href
    report(this, 'info', 'BULWARK_ERR_REDIRECT_NEXT_REFUSED', outcome.reason)
    return null
  })
  app.decorateReply('safeRedirect', function (url, options = {}) { return sendSafe(this as Reply, planOf(this.request).resolver, url, options) })
  app.decorateReply('externalRedirect', function (url, options = {}) { return sendExternal(this as Reply, url, options) })
  app.decorateReply('leaveTo', function (url) { return sendLeavePage(this as Reply, planOf(this.request).resolver, url) })
  app.decorateReply('redirectBack', function (fallback, options = {}) { return sendBack(this as Reply, planOf(this.request).resolver, fallback, options) })
}

const register: FastifyPluginAsync<RedirectOptions> = async (app, given) => {
  const options = checkOptions(given, 'redirect')
  const resolver = new Resolver(options, 'redirect')
  const signed = options.keys === undefined ? unsigned : new SignedNext(new KeyRing(options.keys, 'redirect.keys', OPTION_CODES.invalid), resolver.origin)
  const application: Plan = { resolver, guards: options.guardAll ?? redirectDefaults.guardAll, field: null, verify: verifierOf(signed) }
  // Whether 404 is all that no `onRoute` will see. Hooks for other routes then cost nothing.
  const isFirst = app.printRoutes() === '(empty tree)'
  const routes = new RouteSettings<Plan>({ plugin: 'redirect', unknown: OPTION_CODES.unknown, compile: (setting) => compilePlan(setting, application), fallback: application, notesAll: !isFirst })
  decorate(app)
  const scope: Scope = { routes, signed }
  app.decorate(kScope, scope)
  const serves = (server: FastifyInstance): boolean => (server as Server)[kScope] === scope

  function guard (server: FastifyInstance, reply: FastifyReply, payload: unknown, declared: Plan): unknown {
    const rest = unpackResponse(reply, payload)
    const { guards, resolver } = routes.hasLate && !reply.request.is404 ? planOf(reply.request, scope) : declared
    return guards && hasTarget(reply.statusCode) && serves(server) ? guardLocation(reply as Reply, rest, resolver) : rest
  }
  const guardBy = (plan: Plan): onSendHookHandler => function (_request, reply, payload, next) { next(null, guard(this, reply, payload, plan)) }
  const guardPlain = guardBy(application)
  app.addHook('onRoute', function (route) {
    if (!serves(this)) return
    const { field, guards, resolver } = routes.declare(route)
    if (field !== null) {
      route.onRequest = [function (request, _reply, next) { next(serves(this) ? checkQuery(request, field, resolver) : undefined) }, ...[route.onRequest ?? []].flat()]
      route.preHandler = [function (request, _reply, next) { next(serves(this) ? checkBody(request, field, resolver) : undefined) }, ...[route.preHandler ?? []].flat()]
    }
    // Behind every other hook of the route, so that a Location which those set is seen, too.
    if (guards) route.onSend = behind(route.onSend, resolver === application.resolver ? guardPlain : guardBy({ ...application, resolver }))
  })
  // What no `onRoute` saw is served, too: 404, and routes that were there before.
  if (application.guards) {
    app.addHook('onSend', function (request, reply, payload, next) {
      if ((isFirst && !request.is404) || !serves(this) || routes.isDeclared(request.routeOptions.config)) return next()
      next(null, guard(this, reply, payload, planOf(request, scope)))
    })
  }
  if (!isFirst) {
    app.addHook('preHandler', function (request, _reply, next) {
      if (!serves(this) || routes.isDeclared(request.routeOptions.config)) return next()
      const { field, resolver } = planOf(request, scope)
      next(field === null ? undefined : checkQuery(request, field, resolver) ?? checkBody(request, field, resolver))
    })
  }
  app.addHook('onError', (_request, reply, _error, next) => {
    dropUnsendable(reply)
    next()
  })
  app.addHook('onReady', (next) => next(routes.finish()))
}

/** A guard against open redirects: every target is checked before it is sent. */
export const redirect: FastifyPluginAsync<RedirectOptions> = fp(register, { name: 'fastify-bulwark/redirect', fastify: '5.x' })
export default redirect

export { isSafeRedirect, resolveRedirect } from '../lib/redirect/standalone.ts'
export { redirectDefaults } from '../lib/redirect/settings.ts'
export type { RefusalReason, Resolution } from '../lib/redirect/resolver.ts'
export type { RedirectStatus, ResolveOptions } from '../lib/redirect/settings.ts'
export type { RedirectOptions, RouteRedirect, SafeRedirectOptions, SignOptions, StatusOptions }
