import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ERRORS, type ErrorCode } from '../lib/errors.ts'
import { unpackResponse } from '../lib/web-response.ts'
import { watchChanges } from '../lib/integrity/change-watch.ts'
import { makeIntegrity, type Integrity } from '../lib/integrity/integrity-tags.ts'
import { writePolicies, type IntegritySettings, type PolicyHeader } from '../lib/integrity/policy.ts'
import { resolveOptions, resolveSetting, type IntegrityOptions } from '../lib/integrity/settings.ts'
import { loadSources } from '../lib/integrity/sources.ts'
import { RouteSettings } from '../lib/route-settings.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The integrity metadata of an asset, `sha384-…`; its methods make tags that carry it.
     * Of an asset that is not known: throws `SecurityError` `BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN`, or gives metadata that nothing fulfils (option `unknown`).
     */
    readonly integrity: Integrity
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  /** Settings of a route, one key a plugin. */
  interface SecuritySettings {
    integrity?: IntegritySettings | false
  }
}

const kScope = Symbol('fastify-bulwark.integrity.scope')

type Server = FastifyInstance & { readonly [kScope]?: object }

const register: FastifyPluginAsync<IntegrityOptions> = async (app, options) => {
  const log = (code: ErrorCode, detail: object): void => app.log.error({ plugin: 'fastify-bulwark/integrity', code, ...detail }, ERRORS[code].summary)
  const resolved = resolveOptions(options, app.prefix)
  const sources = loadSources(resolved, (url) => log('BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN', { url }))
  const integrity = makeIntegrity(sources)
  const routes = new RouteSettings<readonly PolicyHeader[]>({
    plugin: 'integrity',
    unknown: 'BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN',
    compile: (setting) => resolveSetting(setting, resolved.policies),
    fallback: resolved.headers
  })
  app.decorate('integrity', integrity)
  app.decorate(kScope, integrity)

  // Of several registrations, the innermost one that encloses a route serves it.
  const serves = (server: FastifyInstance): boolean => (server as Server)[kScope] === integrity

  app.addHook('onRoute', function (route) {
    if (serves(this)) routes.declare(route)
  })
  app.addHook('onSend', function (request, reply, payload, next) {
    if (!serves(this)) return next()
    const headers = routes.planFor(request.routeOptions.config, (err) => request.log.error({ err }, 'config.security.integrity of this route is wrong: the policies of the application are sent'))
    if (headers.length === 0) return next()
    const rest = unpackResponse(reply, payload)
    writePolicies(reply, headers)
    next(null, rest)
  })

  // Templates of @fastify/view find the tags of their request among their data.
  const exposeTags = (request: FastifyRequest, reply: FastifyReply): void => {
    const { locals } = reply as { locals?: Record<string, unknown> | null }
    if (locals !== undefined && locals !== null) locals['integrity'] ??= integrity.for(request as object)
  }
  app.addHook('preHandler', function (request, reply, next) {
    if (serves(this)) exposeTags(request, reply)
    next()
  })
  // The template of an error page needs them, too, although no preHandler ran.
  app.addHook('onError', function (request, reply, _error, next) {
    if (serves(this)) exposeTags(request, reply)
    next()
  })

  let stop = (): void => {}
  app.addHook('onReady', (next) => {
    for (const { file, reason } of sources.manifest.skipped) log('BULWARK_ERR_INTEGRITY_FILE_SKIPPED', { file, reason })
    app.log.debug({ plugin: 'fastify-bulwark/integrity', assets: sources.manifest.assets.length }, 'assets hashed')
    stop = watchChanges(sources.manifest, resolved.checkInterval, ({ url, file }) => log('BULWARK_ERR_INTEGRITY_ASSET_CHANGED', { url, file }))
    next(routes.finish())
  })
  app.addHook('onClose', (_instance, next) => {
    stop()
    next()
  })
}

/** Integrity metadata for the scripts and stylesheets of this site and of others, and the tags that carry them. */
export const integrity: FastifyPluginAsync<IntegrityOptions> = fp(register, { name: 'fastify-bulwark/integrity', fastify: '5.x' })
export default integrity

export { hashesOfFile, type InlineHashes } from '../lib/integrity/inline-hashes.ts'
export { formatLock, parseLock, type Lock, type LockedAsset } from '../lib/integrity/lock.ts'
export { checkLock, lockAssets, type Drift, type Locking, type RemoteOptions } from '../lib/integrity/remote.ts'
export { integrityDefaults } from '../lib/integrity/settings.ts'
export type { ImportMap } from '../lib/integrity/import-map.ts'
export type { IntegrityTags } from '../lib/integrity/integrity-tags.ts'
export type { IntegrityPolicy } from '../lib/integrity/policy.ts'
export type { AssetRoot } from '../lib/integrity/settings.ts'
export type { TagAttributes } from '../lib/integrity/tag.ts'
export type { Integrity, IntegrityOptions, IntegritySettings }
