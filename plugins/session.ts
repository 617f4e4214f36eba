import fastifyCookie from '@fastify/cookie'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'
import { SecurityError } from '../lib/errors.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { importCodec } from '../lib/session/codec-import.ts'
import type { DeviceRecord, Sessions } from '../lib/session/registry.ts'
import { rawReply, type RawResponse, type ReplyLike } from '../lib/session/reply-cookies.ts'
import { sendRefusal } from '../lib/session/requirement.ts'
import { SessionScope } from '../lib/session/scope.ts'
import type { SecureSessionCodec } from '../lib/session/sealed.ts'
import { Session } from '../lib/session/session.ts'
import { kSettings, plainPlan, planOf, type RememberOptions, type SessionOptions, type SessionPlan, type SessionSettings } from '../lib/session/settings.ts'
import type { SessionState } from '../lib/session/state.ts'
import { unpackResponse } from '../lib/web-response.ts'

/** What the application keeps in the session. Add to it: `declare module 'fastify-bulwark/session' { interface SessionData { cart: string[] } }`. */
export interface SessionData {}

/** A hook that lets some visitors in. It may stand in `preHandler` and the like, or in `config.security.session`. */
export interface SessionHook {
  (request: FastifyRequest, reply: FastifyReply): Promise<unknown>
  readonly [kSettings]: SessionSettings
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of the visitor, opened when it is first asked for. */
    readonly session: Session<SessionData>
  }
  interface FastifyInstance {
    /** The sessions of all users. */
    readonly sessions: Sessions
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  /** Settings of a route, one key a plugin. */
  interface SecuritySettings {
    session?: SessionSettings | SessionHook
  }
}

const kScope = Symbol('fastify-bulwark.session.scope')
const kState = Symbol('fastify-bulwark.session.state')
const kReply = Symbol('fastify-bulwark.session.reply')
type Server = FastifyInstance & { readonly [kScope]?: SessionScope }
type Visited = FastifyRequest & { [kState]?: SessionState | null, [kReply]?: ReplyLike | null }

function scopeOf (request: FastifyRequest): SessionScope {
  const scope = (request.server as Server)[kScope]
  if (scope === undefined) throw new SecurityError('BULWARK_ERR_SESSION_MISSING')
  return scope
}

function stateOf (request: Visited): SessionState {
  return scopeOf(request).own(request[kState] ??= scopeOf(request).open(request.headers.cookie, request[kReply] ?? undefined))
}

function sessionOf (request: Visited): Session<SessionData> {
  const state = stateOf(request)
  state.touch()
  return (state.view ??= new Session(state)) as Session<SessionData>
}

/** True when the visitor may enter; otherwise they have their reply. */
function admits (request: FastifyRequest, reply: FastifyReply, plan: SessionPlan): boolean {
  const refusal = scopeOf(request).refusalOf(stateOf(request), request, plan)
  if (refusal !== undefined) sendRefusal(reply, refusal)
  return refusal === undefined
}

function enter (request: FastifyRequest, reply: FastifyReply, plan: SessionPlan, next: HookHandlerDoneFunction): void {
  const proof = scopeOf(request).prove(stateOf(request), request.headers, plan)
  if (proof !== undefined) proof.then(() => admits(request, reply, plan)).then((isAdmitted) => { if (isAdmitted) next() }, next)
  else if (admits(request, reply, plan)) next()
}

/** Registers the codec where no route is, so that none of its hooks ever runs, and takes its three functions. */
async function loadCodec (app: FastifyInstance, scope: SessionScope): Promise<void> {
  await app.register(async (inner) => {
    if (!inner.hasPlugin('@fastify/cookie')) await inner.register(fastifyCookie, { hook: false })
    // Named so that its types stay away: they would give `request.session` another one.
    const secureSession = await importCodec<FastifyPluginAsync<object>>(() => import('@fastify/secure-session' as string))
    await inner.register(secureSession, scope.prepare((name, value, attributes) => inner.serializeCookie(name, value, attributes)))
    scope.start(inner as unknown as SecureSessionCodec, app.log.child({ plugin: 'fastify-bulwark/session' }))
  })
}

const register: FastifyPluginAsync<SessionOptions> = async (app, options) => {
  const scope = new SessionScope(app, options)
  await loadCodec(app, scope)
  const routes = new RouteSettings<SessionPlan>({ plugin: 'session', unknown: 'BULWARK_ERR_SESSION_OPTION_UNKNOWN', compile: planOf, fallback: plainPlan })
  if (!(kScope in app)) {
    app.decorateRequest('session', { getter () { return sessionOf(this) } })
    for (const key of [kState, kReply]) app.decorateRequest(key, null)
  }
  app.decorate(kScope, scope)
  app.decorate('sessions', scope.sessions)

  app.addHook('onRoute', function (route) {
    if ((this as Server)[kScope] === scope) routes.declare(route)
  })
  app.addHook('onRequest', function (request, reply, next) {
    if ((this as Server)[kScope] !== scope) return next()
    const { config } = request.routeOptions
    const plan = scope.planFor(config, routes.planFor(config, (err) => scope.close(config, err, request.log)))
    return plan === plainPlan && !scope.mustProve(request.headers) ? next() : enter(request, reply, plan, next)
  })
  app.addHook('onSend', function (request: Visited, reply, payload, next) {
    const rest = unpackResponse(reply, payload)
    if ((this as Server)[kScope] === scope) request[kState]?.settle(reply)
    request[kReply] = reply
    next(null, rest)
  })
  app.addHook('onReady', async () => {
    scope.announce(app.hasPlugin('@fastify/cookie'))
    if (routes.finish() !== undefined) throw routes.failure
  })
  app.addHook('onClose', async () => { await scope.context.authority.close() })
}

function hookOf (settings: SessionSettings): SessionHook {
  const plan = planOf(settings)
  return Object.assign(async (request: FastifyRequest, reply: FastifyReply) => admits(request, reply, plan) ? undefined : reply, { [kSettings]: settings })
}

/** Lets signed-in users in. Others get 401 as a problem (RFC 9457); pages are redirected to `loginPath`, with the way back in `next`. */
export const requireLogin: SessionHook = hookOf({ login: true })

/** Lets users in who proved who they are within the last so many seconds (ASVS 7.5.1); never somebody who was only remembered. */
export function requireFresh ({ within }: { readonly within: number }): SessionHook {
  return hookOf({ fresh: within })
}

/** Writes what became of the session onto the raw response of a hijacked reply, before its `writeHead`. */
export function applySession (reply: { readonly request: object, readonly raw: RawResponse }): void {
  (reply.request as Visited)[kState]?.settle(rawReply(reply.raw))
}

/** A session in an encrypted cookie that one can log out of. */
export const session: FastifyPluginAsync<SessionOptions> = fp(register, { name: 'fastify-bulwark/session', fastify: '5.x' })
export default session

export { generateKey } from '../lib/keys.ts'
export { localPath } from '../lib/session/requirement.ts'
export { sessionDefaults } from '../lib/session/settings.ts'
export type { SessionEvent } from '../lib/session/events.ts'
export type { SessionRecord, SessionStore } from '../lib/session/store.ts'
export type { DeviceRecord, RememberOptions, Session, Sessions, SessionOptions, SessionSettings }
