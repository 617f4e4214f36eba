import { randomUUID } from 'node:crypto'
import { setTimeout as after } from 'node:timers/promises'
import { loadApplication, type Application, type DeclaredRoute, type InjectedReply, type Loaded } from './application.ts'
import { postureOf, type RoutePosture } from './posture.ts'

/** What is inspected, and how. */
export interface InspectionRequest {
  /** The path of the module. */
  readonly file: string
  /** The export that is meant, where the usual names do not find it. */
  readonly exported?: string | undefined
  /** The host that requests name. */
  readonly host: string
}

/** Milliseconds that one route has to begin its reply; one that waits longer is told without it. */
const PATIENCE = 3000

/** Methods that change nothing, for which a request is made. */
const ASKED = new Set(['GET', 'HEAD'])

/** The postures of all routes of an application, and that of an address that it does not know. The application is closed. */
export async function inspectApplication ({ file, exported, host }: InspectionRequest): Promise<RoutePosture[]> {
  const { app, routes, plugins } = await loadApplication(file, exported)
  const postures: RoutePosture[] = []
  for (const route of routes) {
    // Fastify adds HEAD to every GET: the reply is the same, but for the body.
    const methods = [route.options.method].flat().filter((method) => method !== 'HEAD' || !hasGet(routes, route))
    for (const method of methods) {
      const reply = ASKED.has(method) && isAskable(route) ? await inject(app, method, route.options.url, host) : undefined
      postures.push(postureOf(method, route, plugins, reply, host))
    }
  }
  postures.push(await notFound(app, plugins, host))
  await within(app.close())
  return postures
}

function hasGet (routes: readonly DeclaredRoute[], { options: { url } }: DeclaredRoute): boolean {
  return routes.some(({ options }) => options.url === url && [options.method].flat().includes('GET'))
}

/** Whether an address without gaps leads to the route, and to it alone. */
function isAskable ({ options }: DeclaredRoute): boolean {
  return !/[:*]/.test(options.url) && options['constraints'] === undefined && options['websocket'] !== true
}

/** The reply as far as its headers; `null` where it did not begin in time or the request failed. */
async function inject (app: Application, method: string, url: string, host: string): Promise<InjectedReply | null> {
  const asked: Promise<InjectedReply | null> = app.inject({ method, url, headers: { host, accept: 'text/html,*/*;q=0.8' }, payloadAsStream: true })
  const reply = await within(asked.catch(() => null))
  reply?.stream().on('error', () => {}).destroy()
  return reply
}

/** What a promise gives in time, or `null`. */
async function within<Value> (promise: Promise<Value>): Promise<Value | null> {
  const waiting = new AbortController()
  try {
    return await Promise.race([promise, after(PATIENCE, null, { signal: waiting.signal })])
  } finally {
    waiting.abort()
  }
}

/** The page for what is not there: attackers see it as well, and no scanner looks at it. */
async function notFound (app: Application, plugins: Loaded['plugins'], host: string): Promise<RoutePosture> {
  const url = `/${randomUUID()}`
  const reply = await inject(app, 'GET', url, host)
  return { ...postureOf('GET', { options: { method: 'GET', url }, scope: app }, plugins, reply, host), url: '(not found)' }
}
