// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify from 'fastify'
import sessionByDefault, {
  applySession, generateKey, localPath, requireFresh, requireLogin, session, sessionDefaults,
  type DeviceRecord, type RememberOptions, type Session, type SessionData, type SessionEvent, type SessionHook, type SessionOptions, type SessionRecord, type Sessions, type SessionSettings, type SessionStore
} from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'

declare module 'fastify-bulwark/session' {
  interface SessionData {
    typedCart: readonly string[]
    typedAge: number
  }
}

const store: SessionStore = memoryStore()
export const options: SessionOptions = {
  keys: [generateKey()],
  store,
  idle: 60,
  absolute: 120,
  cookie: { name: 'sid', sameSite: 'none', partitioned: true },
  loginPath: '/login',
  maxSessions: { max: 3, policy: 'refuse' },
  remember: { maxAge: 600, idle: 60, grace: 10, onTheft: 'family', cookieName: 'device' },
  cacheSeconds: 0,
  onStoreError: 'deny',
  storeTimeout: 0.5,
  clearSiteData: ['cache'],
  onEvent: (event: SessionEvent) => { console.log(event.name, event.level, event.at) },
  now: Date.now
}
export const readonlyOptions: SessionOptions = { keys: ['a'], maxSessions: 3, clearSiteData: false } as const
export const setting: SessionSettings = { login: true, fresh: 300, strict: true, noStore: false }
export const defaults: Readonly<Partial<SessionOptions>> = sessionDefaults
export const hooks: SessionHook[] = [requireLogin, requireFresh({ within: 60 })]

const app = Fastify()
await app.register(session, options)
app.register(sessionByDefault, { keys: [] })

app.get('/', { preHandler: [requireLogin, requireFresh({ within: 60 })], config: { security: { session: requireLogin } } }, async (request, reply) => {
  const current: Session<SessionData> = request.session
  const cart: readonly string[] | undefined = request.session.get('typedCart')
  request.session.set('typedCart', [...cart ?? [], 'a']).set('typedAge', 1)
  request.session.update((data) => ({ ...data, typedAge: (data.typedAge ?? 0) + 1 }))
  const has: boolean = request.session.has('typedAge') && request.session.delete('typedAge')
  const entries = request.session.entries()
  await request.session.login('42', { label: 'a', keep: ['typedCart'], remember: true })
  await request.session.reauthenticate()
  await request.session.rotate()
  await request.session.logout({ everywhere: true })
  const times: Array<number | undefined> = [request.session.createdAt, request.session.expiresAt, request.session.idleUntil, request.session.authenticatedAt]
  const flags: boolean[] = [request.session.isFresh, request.session.remembered, await request.session.verify(), has]
  request.session.flash('notice', 'a')
  applySession(reply)
  // @ts-expect-error: nobody declared this name
  request.session.get('typedCrat')
  // @ts-expect-error: nor is it a property
  times.push(request.session.typedCart)
  // @ts-expect-error: the value has another type
  request.session.set('typedAge', '1')
  // @ts-expect-error: what is kept cannot be changed in place
  request.session.get('typedCart')?.push('b')
  // @ts-expect-error: a user id is text
  await request.session.login(42)
  // @ts-expect-error: what survives a login has a declared name
  await request.session.login('42', { keep: ['role'] })
  // @ts-expect-error: a session is read, never replaced
  request.session = current
  // @ts-expect-error: the user comes from a login
  request.session.userId = '1'
  return { entries, times, flags, next: localPath('/a', '/'), id: request.session.id }
})
app.get('/fresh', { config: { security: { session: { fresh: 60 } } } }, () => '')
// @ts-expect-error: seconds, not text
requireFresh({ within: '5m' })

const sessions: Sessions = app.sessions
export const list: SessionRecord[] = await sessions.list('42')
export const devices: DeviceRecord[] = await sessions.list('42')
export const asleep: Array<number | undefined> = devices.filter(({ isLive }) => !isLive).map(({ rememberedSince }) => rememberedSince)
export const remember: RememberOptions | false = { grace: 60 }
export const count: number = await sessions.revokeUser('42', { except: undefined }) + await sessions.count('42')
export const isEnded: boolean = await sessions.revoke('sid', { userId: '42' })

export const wrong: SessionOptions[] = [
  // @ts-expect-error: keys are required
  {},
  // @ts-expect-error: a list
  { keys: generateKey() },
  // @ts-expect-error: idle
  { keys: [], idel: 60 },
  // @ts-expect-error: a number of seconds
  { keys: [], idle: '30m' },
  // @ts-expect-error: HttpOnly is not to be had otherwise
  { keys: [], cookie: { httpOnly: false } },
  // @ts-expect-error: in small letters
  { keys: [], cookie: { sameSite: 'Strict' } },
  // @ts-expect-error: on is an object, off is false
  { keys: [], remember: true },
  // @ts-expect-error: an answer to theft has a known name
  { keys: [], remember: { onTheft: 'ignore' } },
  // @ts-expect-error: a policy has a known name
  { keys: [], maxSessions: { max: 3, policy: 'evict' } }
]
