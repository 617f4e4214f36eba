import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { SecurityError } from '../lib/errors.ts'
import type { DownloadOptions, DownloadSource } from '../lib/files/download.ts'
import { toError, toFormFault } from '../lib/files/file-fault.ts'
import { Intake, type IntakeHost, type MultipartRequest, type UploadPlan } from '../lib/files/intake.ts'
import { download, kDownload, settleDownload, type DownloadReply } from '../lib/files/send.ts'
import { resolveForm, resolveLimits, resolveOptions, type FilesOptions, type FilesSettings, type FormFiles, type ResolvedLimits } from '../lib/files/settings.ts'
import { Spool } from '../lib/files/spool.ts'
import type { Upload } from '../lib/files/upload.ts'
import { kFormFaults, takeFaults, type FaultyRequest } from '../lib/form-faults.ts'
import { RouteSettings } from '../lib/route-settings.ts'
import { kTornBody } from '../lib/torn-body.ts'

/* eslint-disable @typescript-eslint/no-unused-vars -- an interface has the same parameters in all of its declarations */
declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The files that were sent, by the fields of `form.files`. They are gone when the reply is sent, unless they were moved.
     * Throws `SecurityError` `BULWARK_ERR_FILES_UPLOADS_MISSING` on a route without `form.files`, or one that was declared before the plugin.
     */
    readonly uploads: Uploads
  }
  interface FastifyReply {
    /**
     * Sends a file so that no browser runs it: saved under its name, or shown when `inline` is asked for and the type is harmless.
     * A file within a folder is answered with 404 when it is not there, and with ranges and conditional requests when @fastify/static is registered.
     * Throws `SecurityError` `BULWARK_ERR_FILES_DOWNLOAD_INVALID`.
     */
    download (source: DownloadSource, options?: DownloadOptions): FastifyReply
  }
  /** The option `form` of a route: what every plugin that is imported brings to it. */
  interface RouteFormOptions<SchemaCompiler> {
    /** The fields that take files, by name. */
    files?: FormFiles
  }
  interface RouteShorthandOptions<RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger> {
    form?: RouteFormOptions<NoInfer<SchemaCompiler>>
  }
  interface FastifyContextConfig {
    security?: SecuritySettings
  }
  interface SecuritySettings {
    files?: FilesSettings
  }
}
/* eslint-enable @typescript-eslint/no-unused-vars */

/** The files of one request: `get` gives the first one of a field, `getAll` all of a field, and `all` those of every field. */
export type Uploads = Pick<Intake, 'get' | 'getAll' | 'all'>

const kUploads = Symbol('fastify-bulwark.files.uploads')
const kScope = Symbol('fastify-bulwark.files.scope')
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE', 'OPTIONS', 'DELETE'])

type Request = FastifyRequest & FaultyRequest & { [kUploads]: Intake | null, isMultipart?: () => boolean }
type Server = FastifyInstance & { readonly [kScope]?: Scope }

/** One registration: the innermost one that encloses a route serves it. */
interface Scope { readonly routes: RouteSettings<ResolvedLimits>, readonly host: IntakeHost, readonly served: FastifyInstance[] }

function decorate (app: FastifyInstance): void {
  if (app.hasRequestDecorator('uploads')) return
  app.decorateRequest(kUploads, null)
  app.decorateRequest(kFormFaults, null)
  app.decorateReply(kDownload, null)
  app.decorateRequest('uploads', {
    getter () {
      const intake = (this as Request)[kUploads]
      if (intake === null) throw new SecurityError('BULWARK_ERR_FILES_UPLOADS_MISSING')
      return intake
    }
  })
  // A decorator of this name would be in the way of @fastify/static, which has one, whichever comes first.
  app.addHook('onRequest', (_request, reply, next) => {
    reply.download = download as unknown as FastifyReply['download']
    next()
  })
  app.addHook('onResponse', async (request) => await (request as Request)[kUploads]?.dispose())
  // As late as can be: over what the application, @fastify/static and the headers plugin write. An error page is no download.
  app.addHook('onSend', (_request, reply, payload, next) => {
    settleDownload(reply as unknown as DownloadReply)
    next(null, payload)
  })
}

async function readUploads (request: Request, reply: FastifyReply, intake: Intake, hasFields: boolean): Promise<void> {
  request[kUploads] = intake
  if (request.isMultipart!()) {
    if (request.raw.readableEnded || request.body !== undefined) throw new SecurityError(kTornBody in request.raw ? 'BULWARK_ERR_FILES_BODY_REFUSED' : 'BULWARK_ERR_FILES_MULTIPART_CONSUMED')
    reply.raw.once('close', () => { intake.dispose().catch(() => {}) })
    await intake.read(request as unknown as MultipartRequest)
    request.body = intake.fields
  } else if (!hasFields || !request.server.hasRequestDecorator('form')) {
    throw new SecurityError('BULWARK_ERR_FILES_MEDIA_TYPE')
  } else {
    intake.requireFiles()
  }
  for (const { field, code, reason } of intake.faults) request.log.info({ code, field, reason }, 'file refused')
  request[kFormFaults] = intake.faults.map(toFormFault)
}

function planRoute (instance: FastifyInstance, route: RouteOptions, { routes, host, served }: Scope): void {
  const limits = routes.declare(route)
  const files = route.form?.files
  if (files === undefined) return
  const plan: UploadPlan = { limits, fields: resolveForm(files, limits, host.detect !== undefined) }
  served.push(instance)
  if ([route.method].flat().every((method) => BODYLESS.has(method.toUpperCase()))) return
  // First, so that who checks the form finds its fields, whichever plugin came first.
  route.preValidation = [async (request, reply) => await readUploads(request as Request, reply, new Intake(plan, host), route.schema?.body !== undefined), ...[route.preValidation ?? []].flat()]
  route.preHandler = [...[route.preHandler ?? []].flat(), (request, _reply, next) => {
    const [fault] = takeFaults(request as Request)
    next(fault && toError(fault))
  }]
}

const register: FastifyPluginAsync<FilesOptions> = async (app, options) => {
  const { folder, limits, detect } = resolveOptions(options)
  const routes = new RouteSettings<ResolvedLimits>({ plugin: 'files', unknown: 'BULWARK_ERR_FILES_OPTION_UNKNOWN', compile: (setting) => resolveLimits(setting, limits), fallback: limits })
  const host: IntakeHost = { spool: undefined, detect }
  const scope: Scope = { routes, host, served: [] }
  let failure: unknown
  decorate(app)
  app.decorate(kScope, scope)
  app.addHook('onRoute', function (route) {
    if ((this as Server)[kScope] !== scope) return
    try {
      planRoute(this, route, scope)
    } catch (error) {
      failure ??= error
    }
  })
  app.addHook('onReady', async () => {
    const isMissing = scope.served.some((instance) => !instance.hasRequestDecorator('parts') || !instance.hasRequestDecorator('isMultipart'))
    const error = routes.failure ?? failure ?? (isMissing ? new SecurityError('BULWARK_ERR_FILES_MULTIPART_MISSING') : undefined)
    if (error !== undefined) throw error
    host.spool = await Spool.in(folder)
  })
  app.addHook('onClose', async () => await host.spool?.close())
}

/** Uploads that are what they say, and downloads that do not run. */
export const files: FastifyPluginAsync<FilesOptions> = fp(register, { name: 'fastify-bulwark/files', fastify: '5.x' })
export default files

export { safeFileName } from '../lib/files/file-name.ts'
export { filesDefaults } from '../lib/files/settings.ts'
export type { FileField } from '../lib/files/settings.ts'
export type { DownloadOptions, DownloadSource, FilesOptions, FilesSettings, FormFiles, Upload }
