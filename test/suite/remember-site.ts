import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { generateKey, requireFresh, requireLogin, session, type SessionEvent, type SessionOptions } from '../../plugins/session.ts'
import { FaultyStore } from '../lib/session/faulty-store.ts'
import { Clock } from '../lib/session/fixture.ts'

// What the tests of remember-me share: a browser, and a site over a store that fails when it is told to.

export const KEY: string = generateKey()
export const SESSION = '__Host-session'
export const REMEMBER = '__Host-remember'
export const DAY = 86_400

export interface Answer { readonly statusCode: number, readonly user: string | null, readonly fresh: boolean, readonly remembered: boolean, readonly setCookie: readonly string[] }

/** A browser: it keeps cookies, and can be closed. */
export class Browser {
  readonly jar: Map<string, string>
  readonly #app: FastifyInstance

  constructor (app: FastifyInstance, jar: Iterable<readonly [string, string]> = []) {
    this.#app = app
    this.jar = new Map(jar)
  }

  get token (): string | undefined {
    return this.jar.get(REMEMBER)
  }

  /** The request leaves with the cookies of now; the reply is taken when `take` is called. */
  async ask (url: string, headers: Record<string, string> = {}): Promise<Answer & { take (): void }> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await this.#app.inject({ method: url.startsWith('/do/') ? 'POST' : 'GET', url, headers: { ...cookie !== '' && { cookie }, ...headers } })
    const setCookie = [reply.headers['set-cookie'] ?? []].flat()
    const take = (): void => {
      for (const text of setCookie) {
        const [name, value] = text.split(';')[0]!.split('=') as [string, string]
        if (text.includes('Max-Age=0')) this.jar.delete(name)
        else this.jar.set(name, value)
      }
    }
    const body: unknown = reply.headers['content-type']?.toString().startsWith('application/json') === true ? reply.json() : {}
    return { statusCode: reply.statusCode, user: null, fresh: false, remembered: false, ...body as object, setCookie, take }
  }

  async send (url: string, headers?: Record<string, string>): Promise<Answer> {
    const answer = await this.ask(url, headers)
    answer.take()
    return answer
  }

  close (): this {
    this.jar.delete(SESSION)
    return this
  }

  copy (): Browser {
    return new Browser(this.#app, this.jar)
  }
}

interface Site {
  readonly app: FastifyInstance
  readonly store: FaultyStore
  readonly clock: Clock
  readonly events: SessionEvent[]
  readonly names: () => string[]
  /** A browser that signed in and is remembered. */
  signIn (user?: string): Promise<Browser>
}

export async function site (t: Test, options: Partial<SessionOptions> = {}, clock: Clock = new Clock()): Promise<Site> {
  const app = Fastify() as unknown as FastifyInstance
  t.teardown(() => app.close())
  const store = options.store as FaultyStore | undefined ?? new FaultyStore(clock.now)
  const events: SessionEvent[] = []
  await app.register(session, { keys: [KEY], store, storeTimeout: 0.05, now: clock.now, onEvent: (event) => events.push(event), ...options })
  app.get('/me', async ({ session }) => ({ user: session.userId ?? null, fresh: session.isFresh, remembered: session.remembered }))
  app.get('/account', { preHandler: requireLogin }, async ({ session }) => ({ user: session.userId }))
  app.get('/unused', async () => ({ ok: true }))
  app.get('/fresh', { preHandler: requireFresh({ within: 300 }) }, async ({ session }) => ({ user: session.userId }))
  app.post<{ Params: { user: string }, Querystring: { plain?: string } }>('/do/login/:user', async (request) => {
    await request.session.login(request.params.user, { remember: request.query.plain === undefined, label: 'Firefox' })
    return { ok: true }
  })
  app.post('/do/reauthenticate', async ({ session }) => { await session.reauthenticate(); return { ok: true } })
  app.post('/do/rotate', async ({ session }) => { await session.rotate(); return { ok: true } })
  app.post('/do/set', async ({ session }) => { session.set('planted' as never, 'yes' as never); return { ok: true } })
  app.get('/get', async ({ session }) => ({ planted: session.get('planted' as never) ?? null }))
  app.post<{ Querystring: { everywhere?: string } }>('/do/logout', async ({ session, query }) => { await session.logout({ everywhere: query.everywhere !== undefined }); return { ok: true } })
  return {
    app,
    store,
    clock,
    events,
    names: () => events.map(({ name, reason }) => reason === undefined ? name : `${name} ${reason}`),
    async signIn (user = '42') {
      const browser = new Browser(app)
      t.equal((await browser.send(`/do/login/${user}`)).statusCode, 200)
      events.length = 0
      return browser
    }
  }
}

export const isCleared = ({ setCookie }: Answer): boolean => setCookie.some((text) => text.startsWith(`${REMEMBER}=;`) && text.includes('Max-Age=0'))
export const isUntouched = ({ setCookie }: Answer): boolean => !setCookie.some((text) => text.startsWith(`${REMEMBER}=`))
