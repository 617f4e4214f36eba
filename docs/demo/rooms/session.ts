import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { generateKey, requireLogin, session, type SessionEvent, type SessionStore } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import { postgresStore } from 'fastify-bulwark/session/stores/postgres'
import { redisStore } from 'fastify-bulwark/session/stores/redis'
import { PASSWORDS, peopleOf } from '../people.ts'
import type { Room } from '../room.ts'
import { keepTextFields } from '../text-fields.ts'

const path = '/session'

/** Short, so that one can watch them run out. */
const IDLE = 120
const ABSOLUTE = 900

/** The last events are on the page: in an application they belong into its log. */
const MOST_EVENTS = 12

const COOKIE = '__Host-session'

/** In memory, unless the environment names a database. */
async function storeOf (app: FastifyInstance): Promise<{ store: SessionStore, name: string }> {
  const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl } = process.env
  if (redisUrl !== undefined) {
    const { Redis } = await import('ioredis')
    const client = new Redis(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, lazyConnect: true, socketTimeout: 5000 })
    client.on('error', (error) => app.log.warn(error.message))
    app.addHook('onClose', () => client.disconnect())
    await client.connect()
    return { store: redisStore(client), name: 'Redis' }
  }
  if (databaseUrl !== undefined) {
    const { default: pg } = await import('pg')
    const pool = new pg.Pool({ connectionString: databaseUrl, connectionTimeoutMillis: 2000, query_timeout: 5000 })
    pool.on('error', (error) => app.log.warn(error.message))
    app.addHook('onClose', () => pool.end())
    const store = postgresStore(pool)
    await store.createTables()
    return { store, name: 'PostgreSQL' }
  }
  return { store: memoryStore(), name: 'the memory of this process' }
}

/** The value of the cookie as the browser sent it: only the server can show it, since no script sees it. */
function sealedOf ({ headers }: FastifyRequest): string | undefined {
  return headers.cookie?.split('; ').find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
}

/** What the browser called itself, in two words. */
function labelOf ({ headers }: FastifyRequest): string {
  const agent = headers['user-agent'] ?? ''
  const browser = /Firefox|Edg|Chrome|Safari/.exec(agent)?.[0] ?? 'Unknown browser'
  const system = /Windows|Mac OS|Android|iPhone|Linux/.exec(agent)?.[0] ?? 'unknown system'
  return `${browser} on ${system}`
}

/** The devices of a user, `undefined` while the store cannot be asked: a page is no less a page without them. */
async function devicesOf (app: FastifyInstance, userId: string, id: string | undefined): Promise<object[] | undefined> {
  try {
    return (await app.sessions.list(userId)).map((record) => ({ ...record, isThis: record.sid === id }))
  } catch (error) {
    app.log.warn(error)
    return undefined
  }
}

/** The room of the plugin `session`: three people, their devices, and cookies that are edited, copied and replayed. */
export const room: Room = {
  path,
  title: 'Sessions',
  summary: 'A session in an encrypted cookie that really ends: at logout, when it is not used, and in any case.',
  register: async (app, { live }) => {
    app.addHook('preHandler', keepTextFields)
    const events: SessionEvent[] = []
    const people = await peopleOf(app)
    const { store, name: storeName } = await storeOf(app)
    await app.register(formbody)
    await app.register(session, {
      keys: [generateKey()],
      store,
      idle: IDLE,
      absolute: ABSOLUTE,
      maxSessions: 5,
      loginPath: path,
      onEvent: (event) => {
        events.unshift(event)
        events.length = Math.min(events.length, MOST_EVENTS)
      }
    })

    app.get(path, async (request, reply): Promise<FastifyReply> => {
      const { userId, id, idleUntil, expiresAt } = request.session
      return await reply.view('session.eta', {
        room: path,
        title: 'Sessions',
        user: userId === undefined ? undefined : people.nameOf(userId),
        passwords: Object.entries(PASSWORDS),
        sealed: sealedOf(request),
        old: request.session.flash('old'),
        notice: request.session.flash('notice'),
        idle: IDLE,
        absolute: ABSOLUTE,
        idleUntil,
        expiresAt,
        devices: userId === undefined ? [] : await devicesOf(app, userId, id),
        storeName,
        events,
        liveId: live.remember(reply)
      })
    })

    app.post<{ Body: { name?: string, password?: string, label?: string } }>(`${path}/login`, async (request, reply) => {
      const { name = '', password = '', label } = request.body
      const person = await people.signIn(name, password)
      if (person === undefined) request.session.flash('notice', 'That was not the password.')
      else await request.session.login(person.id, { label: label?.slice(0, 40) ?? labelOf(request) })
      return reply.redirect(path, 303)
    })

    // Another browser of the same person, played by the server: it signs in as any other would.
    app.post(`${path}/device`, { preHandler: requireLogin }, async (request, reply) => {
      const name = people.nameOf(request.session.userId!)!
      const payload = new URLSearchParams({ name, password: PASSWORDS[name]!, label: `Another device, ${new Date().toLocaleTimeString('en-GB')}` })
      await app.inject({ method: 'POST', url: `${path}/login`, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: payload.toString() })
      return reply.redirect(`${path}#devices`, 303)
    })

    app.post<{ Body: { sid?: string } }>(`${path}/end`, { preHandler: requireLogin }, async (request, reply) => {
      await app.sessions.revoke(request.body.sid ?? '', { userId: request.session.userId! })
      return reply.redirect(`${path}#devices`, 303)
    })

    app.post<{ Body: { everywhere?: string } }>(`${path}/logout`, async (request, reply) => {
      const old = sealedOf(request)
      await request.session.logout({ everywhere: request.body.everywhere !== undefined })
      if (old !== undefined) request.session.flash('old', old)
      return reply.redirect(`${path}#replay`, 303)
    })

    app.get(`${path}/whoami`, async (request) => {
      const { userId } = request.session
      return { user: userId === undefined ? null : people.nameOf(userId) }
    })

    // A browser with a cookie of the visitor's making, played by the server.
    app.post<{ Body: { sealed?: string } }>(`${path}/try`, async (request, reply) => {
      const sealed = String(request.body.sealed ?? '').replace(/[^\x20-\x7e]/g, '')
      const answer = await app.inject({ url: `${path}/whoami`, headers: { cookie: `${COOKIE}=${sealed}` } })
      return await reply.send({ ...answer.json<{ user: string | null }>(), isCleared: String(answer.headers['set-cookie'] ?? '').includes('Max-Age=0'), reason: answer.headers['set-cookie'] === undefined ? null : events[0]?.reason ?? null })
    })
  }
}
