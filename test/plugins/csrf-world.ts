import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import { generateKey } from '../../lib/keys.ts'
import { csrf, type CsrfEvent, type CsrfOptions } from '../../plugins/csrf.ts'

// What the tests of the plugin `csrf` share.

export const OWN = 'https://app.test'
export const KEY: string = generateKey()
export const REFUSED = { statusCode: 403, code: 'BULWARK_ERR_CSRF_REFUSED', error: 'Forbidden', message: 'The request does not prove that it comes from this site.' }

export type Headers = Record<string, string>
export type Line = Record<string, unknown> & { msg: string, level: number }

export interface Fixture {
  readonly app: FastifyInstance
  readonly events: CsrfEvent[]
  readonly lines: Line[]
  /** Sends a request, POST / unless it says otherwise. */
  readonly send: (options?: InjectOptions) => Promise<LightMyRequestResponse>
  /** Asks for a token, and gives it with the Cookie header that a browser would then send. */
  readonly page: (cookie?: string) => Promise<{ token: string, cookie: string, reply: LightMyRequestResponse }>
}

export async function fixture (options: Partial<CsrfOptions> = {}, prepare: (app: FastifyInstance) => unknown = () => {}, server: FastifyServerOptions = {}): Promise<Fixture> {
  const events: CsrfEvent[] = []
  const lines: Line[] = []
  const app = Fastify({ ...server, logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  await app.register(csrf, { origin: OWN, keys: [KEY], onEvent: (event) => events.push(event), ...options })
  await app.register(formbody)
  await prepare(app)
  if (!app.hasRoute({ method: 'POST', url: '/' })) app.post('/', (request) => ({ body: request.body ?? null }))
  app.get('/token', (request, reply) => reply.type('text/html').send(request.csrfToken()))
  return {
    app,
    events,
    lines,
    send: (options) => app.inject({ method: 'POST', url: '/', ...options }),
    async page (cookie) {
      const reply = await app.inject({ url: '/token', headers: cookie === undefined ? {} : { cookie } })
      const set = reply.cookies.map(({ name, value }) => `${name}=${value}`)
      return { token: reply.body, cookie: [cookie ?? [], set].flat().join('; '), reply }
    }
  }
}

/** Whatever type some package gives to `request.session`. */
export function decorateSession (app: FastifyInstance, idOf: (request: FastifyRequest) => string | undefined): void {
  const decorator = { getter (this: FastifyRequest) { return { id: idOf(this) } } }
  app.decorateRequest('session' as 'id', decorator as never)
}

/** What decorates `session` and `sessions` as the session plugin does; a session exists where the cookie names one. */
export function standInSession (app: FastifyInstance): { reads: number } {
  const counter = { reads: 0 }
  app.decorate('sessions' as 'version', '')
  decorateSession(app, (request) => {
    counter.reads++
    return /(?:^|; )__Host-session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
  })
  return counter
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
