import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { pathToFileURL } from 'node:url'
import { nearestName } from '../nearest-name.ts'
import { CommandError } from './command-error.ts'

/** What a route was declared with, as Fastify hands it to `onRoute`. Plugins may replace parts of it, so it is read when the application is ready. */
export interface RouteOptions {
  readonly method: string | readonly string[]
  readonly url: string
  readonly config?: { readonly security?: unknown }
  readonly schema?: Readonly<Record<string, unknown>>
  readonly [option: string]: unknown
}

/** The scope in which a route or a plugin was registered. */
export interface Scope {
  hasPlugin (name: string): boolean
}

/** The parts of a Fastify instance that are used here. */
export interface Application extends Scope {
  ready (): Promise<unknown>
  close (): Promise<unknown>
  inject (request: object): Promise<InjectedReply>
  addHook (name: string, hook: (this: Scope, ...parameters: any[]) => void): unknown
  listen: (...parameters: any[]) => unknown
  register: (this: Scope, plugin: unknown, options?: unknown) => unknown
}

/** What `inject` answers with. */
export interface InjectedReply {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>
  stream (): NodeJS.ReadableStream & { destroy (): unknown }
}

/** A route and the scope that it belongs to. */
export interface DeclaredRoute {
  readonly options: RouteOptions
  readonly scope: Scope
}

/** A plugin of a known name, the scope that it was registered in, and its options. */
export interface RegisteredPlugin {
  readonly name: string
  readonly scope: Scope
  readonly options: unknown
}

/** An application with what it was built from. */
export interface Loaded {
  readonly app: Application
  readonly routes: readonly DeclaredRoute[]
  readonly plugins: readonly RegisteredPlugin[]
}

interface Watched extends Loaded {
  readonly routes: DeclaredRoute[]
  readonly plugins: RegisteredPlugin[]
}

const CHANNEL = 'fastify.initialization'

/** Names under which modules export an application or a function that builds it. */
const USUAL_NAMES = ['default', 'app', 'fastify', 'server', 'build', 'buildApp', 'buildServer', 'createApp', 'createServer']

/**
 * Imports a module and gives the application that it exports, builds, or made, ready and without listening.
 *
 * Fastify hands every new instance to its diagnostics channel, before the first route is declared: an `onRoute` hook that is added there sees all of them.
 * Nothing here imports Fastify, so that the instance is of the version that the application has. Throws `CommandError`.
 */
export async function loadApplication (file: string, exported?: string): Promise<Loaded> {
  const watched: Watched[] = []
  const onInstance = (message: unknown): void => { watched.push(watch((message as { fastify: Application }).fastify)) }
  subscribe(CHANNEL, onInstance)
  try {
    const module = await import(pathToFileURL(file).href) as Record<string, unknown>
    const found = await applicationIn(module, exported, watched)
    await found.app.ready()
    return found
  } finally {
    unsubscribe(CHANNEL, onInstance)
  }
}

/** Notes what an instance is built from, and keeps it from listening. */
function watch (app: Application): Watched {
  const routes: DeclaredRoute[] = []
  const plugins: RegisteredPlugin[] = []
  app.addHook('onRoute', function (options: RouteOptions) { routes.push({ options, scope: this }) })
  // What is injected stands for a request over https, as a site gets them.
  app.addHook('onRequest', (request: { raw: { socket: { encrypted?: boolean } } }, _reply: unknown, done: () => void) => {
    request.raw.socket.encrypted = true
    done()
  })
  const { register } = app
  app.register = function (plugin, options) {
    const name = nameOfPlugin(plugin)
    if (name !== undefined) plugins.push({ name, scope: this, options })
    return register.call(this, plugin, options)
  }
  // A module that listens when it is loaded is built, and does not open a port.
  app.listen = (...parameters) => {
    const callback = parameters.at(-1)
    const ready = app.ready().then(() => 'not listening')
    return typeof callback === 'function' ? ready.then((address) => { callback(null, address) }, (error) => { callback(error) }) : ready
  }
  return { app, routes, plugins }
}

/** Where `fastify-plugin` puts the name of a plugin. */
const kMeta = Symbol.for('plugin-meta')

function nameOfPlugin (plugin: unknown): string | undefined {
  const { default: whole } = Object(plugin) as { default?: unknown }
  const [meta] = [plugin, whole].flatMap((candidate) => (Object(candidate) as Record<symbol, { name?: string } | undefined>)[kMeta] ?? [])
  return meta?.name
}

async function applicationIn (module: Record<string, unknown>, exported: string | undefined, watched: readonly Watched[]): Promise<Watched> {
  // What a CommonJS module exports may be known as parts of its default export alone.
  const { default: whole } = module
  const members = typeof whole === 'object' && whole !== null && !watched.some(({ app }) => app === whole) ? { ...whole, ...module } : module
  if (exported !== undefined && !Object.hasOwn(members, exported)) {
    const nearest = nearestName(exported, Object.keys(members))
    throw new CommandError(`The module does not export ${exported}${nearest === undefined ? '' : `: did you mean ${nearest}?`}`)
  }
  for (const name of exported === undefined ? USUAL_NAMES : [exported]) {
    const found = await applicationOf(members[name], watched)
    if (found !== undefined) return found
  }
  // A module that builds and starts its server, and exports nothing.
  if (watched.length === 1 && exported === undefined) return watched[0]!
  throw new CommandError(watched.length === 0
    ? 'The module made no Fastify instance: export one, or a function that builds one.'
    : `The module made ${watched.length} Fastify instances: export the one that is meant, and name it with --export.`)
}

/** The application that an exported value is, promises, or builds. A function of two parameters is a plugin, or wants what is not known here. */
async function applicationOf (value: unknown, watched: readonly Watched[]): Promise<Watched | undefined> {
  const of = (candidate: unknown): Watched | undefined => watched.find(({ app }) => app === candidate)
  const found = of(value) ?? of(await value)
  if (found !== undefined || typeof value !== 'function' || value.length > 1) return found
  const before = watched.length
  const built: unknown = await value({})
  return of(built) ?? (watched.length === before + 1 ? watched.at(-1) : undefined)
}
