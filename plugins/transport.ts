import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { kApprovedLocation } from '../lib/approved-location.ts'
import { endUpgrade } from '../lib/end-upgrade.ts'
import { SecurityError } from '../lib/errors.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { withholdCookies, type RawResponse } from '../lib/transport/cookie-net.ts'
import { Gate } from '../lib/transport/gate.ts'
import { findTrust } from '../lib/transport/proxy-trust.ts'
import { compileExemption, NO_EXEMPTION, type Exemption, type TransportOptions, type TransportSettings } from '../lib/transport/settings.ts'
import { unheardProxyHeader } from '../lib/transport/unheard-proxy.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  /** Settings of a route, one key a plugin. */
  interface SecuritySettings {
    transport?: TransportSettings | false
  }
}

const PLUGIN = 'fastify-bulwark/transport'

/** Of a host that a log has a line for: a header may be as long as Node admits. */
const LOGGED_CHARACTERS = 255

const kScope = Symbol('fastify-bulwark.transport.scope')

/** On a request of which the gate was asked. */
const kJudged = Symbol('fastify-bulwark.transport.judged')

type Judged = FastifyRequest & { [kJudged]?: boolean }
type Server = FastifyInstance & { readonly [kScope]?: Gate }

const register: FastifyPluginAsync<TransportOptions> = async (app, options) => {
  const gate = new Gate(options)
  const routes = new RouteSettings<Exemption>({ plugin: 'transport', unknown: 'BULWARK_ERR_TRANSPORT_OPTION_UNKNOWN', compile: compileExemption, fallback: NO_EXEMPTION })
  app.decorate(kScope, gate)
  if (!app.hasRequestDecorator(kJudged)) app.decorateRequest(kJudged, false)
  // The innermost registration that encloses a route serves it.
  const isOurs = (server: FastifyInstance): boolean => (server as Server)[kScope] === gate
  const said = { loop: false, cookie: false }

  function warnOfLoop (request: FastifyRequest): void {
    const header = said.loop ? undefined : unheardProxyHeader(request.headers)
    if (header === undefined) return
    said.loop = true
    request.log.warn({ plugin: PLUGIN, code: 'BULWARK_ERR_TRANSPORT_PROXY_UNHEARD', header, peer: request.socket.remoteAddress },
      'a header says https, yet by `trustProxy` the request counts as plain http: behind a proxy, a redirect to https leads back to itself (said once)')
  }

  function withhold (request: FastifyRequest, reply: FastifyReply): void {
    withholdCookies(reply.raw as unknown as RawResponse, () => {
      if (said.cookie) return
      said.cookie = true
      request.log.warn({ plugin: PLUGIN, code: 'BULWARK_ERR_TRANSPORT_COOKIE_WITHHELD' }, 'a cookie was kept back from a reply over plain http (said once)')
    })
  }

  app.addHook('onRoute', function (route) {
    if (isOurs(this)) routes.declare(route)
  })
  app.addHook('onRequest', function (request, reply, next) {
    if (!isOurs(this)) return next()
    ;(request as Judged)[kJudged] = true
    const judgement = gate.judge(request, () => routes.planFor(request.routeOptions.config, (err) => {
      request.log.error({ err }, 'config.security.transport of this route is wrong: it is exempted from nothing')
    }))
    if (judgement?.isExposed === true) withhold(request, reply)
    const verdict = judgement?.verdict
    if (verdict === undefined) return next()
    if ('location' in verdict) {
      warnOfLoop(request)
      // It depends on more than the address, and a browser would keep it for ever: Strict-Transport-Security is for that.
      ;(reply as { [kApprovedLocation]?: string })[kApprovedLocation] = verdict.location
      reply.header('cache-control', 'no-store').redirect(verdict.location, 308)
      return
    }
    endUpgrade(request.raw, reply)
    const { code, reason } = verdict
    if (code === 'BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED') warnOfLoop(request)
    request.log.info({ plugin: PLUGIN, code, reason, host: request.host.slice(0, LOGGED_CHARACTERS), protocol: String(request.protocol).slice(0, LOGGED_CHARACTERS), peer: request.socket.remoteAddress }, 'request refused')
    next(new SecurityError(code))
  })
  // For the reply of a hook that was registered earlier and answered before this plugin was asked.
  app.addHook('onSend', function (request, reply, _payload, next) {
    if ((request as Judged)[kJudged] !== true && isOurs(this) && gate.isExposed(request)) withhold(request, reply)
    next()
  })
  app.addHook('onReady', (next) => {
    const finding = findTrust(app)
    if (finding !== undefined) app.log.warn({ plugin: PLUGIN, finding }, finding.message)
    next(routes.finish())
  })
}

/** Nothing is served over plain http, or under a host that is not the application's. */
export const transport: FastifyPluginAsync<TransportOptions> = fp(register, { name: PLUGIN, fastify: '5.x' })
export default transport

export { transportDefaults } from '../lib/transport/settings.ts'
export type { TransportOptions, TransportSettings }
