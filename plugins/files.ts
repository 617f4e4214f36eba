import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { SecurityError } from '../lib/errors.ts'
import type { DownloadOptions, DownloadSource } from '../lib/files/download-headers.ts'
import { toError } from '../lib/files/file-fault.ts'
import { offerParts, requireMultipart } from '../lib/files/form-reader.ts'
import { Intake, type IntakeHost, type UploadPlan } from '../lib/files/intake.ts'
import { requireUnread, type MultipartRequest } from '../lib/files/parser.ts'
import { download, kDownload, settleDownload, type DownloadReply } from '../lib/files/reply-download.ts'
import { lateLimits, resolveForm, resolveLimits, resolveOptions, type FilesOptions, type FilesSettings, type FormFiles, type FormFilesOf, type ResolvedLimits } from '../lib/files/settings.ts'
import { Spool } from '../lib/files/spool.ts'
import type { Upload } from '../lib/files/upload.ts'
import { kFormFiles } from '../lib/form-files.ts'
import { RouteSettings } from '../lib/route-settings.ts'

/* eslint-disable @typescript-eslint/no-unused-vars -- an interface has the same parameters in all of its declarations */
declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The files that were sent, by the fields of `form.files`. They are gone when the reply is sent, unless they were moved.
     * Throws `SecurityError` `BULWARK_ERR_FILES_UPLOADS_MISSING` on a route without `form.files`, or one that was declared before the plugin.
     * The files that a schema names (`f.file`) are in `request.form.values`, and not here.
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
    files?: FormFilesOf<SchemaCompiler>
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

type Request = FastifyRequest & { [kUploads]: Intake | null, isMultipart?: () => boolean }
type Server = FastifyInstance & { readonly [kScope]?: Scope }

/** One registration: the innermost one that encloses a route serves it. */
interface Scope { readonly routes: RouteSettings<ResolvedLimits>, readonly host: IntakeHost, readonly served: FastifyInstance[], readonly scopes: WeakSet<object> }

function decorate (app: FastifyInstance): void {
  if (app.hasRequestDecorator(kUploads)) return
  app.decorateRequest(kUploads, null)
  app.decorateReply(kDownload, null)
  app.decorateRequest('uploads', {
    getter () {
      const intake = (this as Request)[kUploads]
      if (intake == null || intake.isAnswered) throw new SecurityError('BULWARK_ERR_FILES_UPLOADS_MISSING')
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

async function readUploads (request: Request, reply: FastifyReply, intake: Intake): Promise<void> {
  request[kUploads] = intake
  if (!request.isMultipart!()) throw new SecurityError('BULWARK_ERR_FILES_MEDIA_TYPE')
  requireUnread(request)
  reply.raw.once('close', () => { intake.dispose().catch(() => {}) })
  await intake.read(request as unknown as MultipartRequest)
  for (const { field, code, reason } of intake.refusals) request.log.info({ code, field, reason }, 'file refused')
}

/** What a route takes that names its files in `form.files`: nobody answers its form. */
async function readRoute (request: Request, reply: FastifyReply, intake: Intake): Promise<void> {
  await readUploads(request, reply, intake)
  const [refusal] = intake.refusals
  if (refusal !== undefined) throw toError(refusal)
  request.body = intake.fields
}

function planRoute (instance: FastifyInstance, route: RouteOptions, { routes, host, served }: Scope): void {
  const limits = routes.declare(route)
  const files = route.form?.files
  if (files === undefined) return
  const plan: UploadPlan = { limits, fields: resolveForm(files, limits, host.detect !== undefined), isAnswered: false }
  served.push(instance)
  if ([route.method].flat().every((method) => BODYLESS.has(method.toUpperCase()))) return
  // First, so that who looks at the body finds its fields.
  route.preValidation = [async (request, reply) => await readRoute(request as Request, reply, new Intake(plan, host)), ...[route.preValidation ?? []].flat()]
}

const register: FastifyPluginAsync<FilesOptions> = async (app, options) => {
  const { folder, limits, detect } = resolveOptions(options)
  const routes = new RouteSettings<ResolvedLimits>({ plugin: 'files', unknown: 'BULWARK_ERR_FILES_OPTION_UNKNOWN', compile: (setting) => resolveLimits(setting, limits), fallback: limits })
  const host: IntakeHost = { spool: undefined, detect }
  const scope: Scope = { routes, host, served: [], scopes: new WeakSet([app]) }
  let failure: unknown
  decorate(app)
  app.decorate(kScope, scope)
  app.decorate(kFormFiles, offerParts({ ...scope, read: async (request, reply, intake) => await readUploads(request as Request, reply as FastifyReply, intake) }))
  app.addHook('onRegister', (instance) => { scope.scopes.add(instance) })
  app.addHook('onRoute', function (route) {
    if ((this as Server)[kScope] !== scope) return
    try {
      planRoute(this, route, scope)
    } catch (error) {
      failure ??= error
    }
  })
  app.addHook('onReady', async () => {
    const error = routes.finish() ?? failure ?? (routes.hasLate ? lateLimits() : undefined)
    if (error !== undefined) throw error
    scope.served.forEach(requireMultipart)
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
