import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { generateKey, session, type SessionOptions } from '../../plugins/session.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'

// A wrong option never starts: what is misspelt, of a wrong type, weak, refused by browsers or in contradiction.

const UNKNOWN = 'BULWARK_ERR_SESSION_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_SESSION_OPTION_INVALID'
const KEY = 'BULWARK_ERR_SESSION_KEY_INVALID'
const COOKIE = 'BULWARK_ERR_SESSION_COOKIE_INVALID'

const key = generateKey()

const ONE: Readonly<Record<string, unknown>> = { keys: [key] }
const cookie = (options: object): object => ({ ...ONE, cookie: options })

const cases: readonly Misuse[] = [
  ['no options', {}, INVALID, 'session.keys', 'an array of keys'],
  ['one key without a list', { keys: key }, INVALID, 'session.keys', 'an array of keys'],
  ['no key', { keys: [] }, KEY, 'session.keys', '`generateKey()`'],
  ['a variable of the environment that is not set', { keys: [undefined] }, KEY, 'session.keys[0]', '`generateKey()`'],
  ['a passphrase', { keys: [`${SECRET} ${SECRET} ${SECRET} ${SECRET}`] }, KEY, 'session.keys[0]', '`generateKey()`'],
  ['a short key', { keys: [Buffer.alloc(16, 'k').toString('base64url')] }, KEY, 'session.keys[0]', '32 bytes'],
  ['a long key', { keys: [Buffer.alloc(33, 'k').toString('base64url')] }, KEY, 'session.keys[0]', '32 bytes'],
  ['a key in base64', { keys: [Buffer.alloc(32, 'k\xff\xfe').toString('base64')] }, KEY, 'session.keys[0]', '`-` and `_`'],
  ['a key of zeros', { keys: ['0'.repeat(64)] }, KEY, 'session.keys[0]', 'random bytes'],
  ['a key that counts', { keys: [Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex')] }, KEY, 'session.keys[0]', 'random bytes'],
  ['a text cut to size', { keys: [Buffer.from(SECRET.repeat(4).slice(0, 32)).toString('hex')] }, KEY, 'session.keys[0]', 'random bytes'],
  ['the same key twice', { keys: [key, generateKey(), Buffer.from(key, 'base64url').toString('hex')] }, KEY, 'session.keys[2]', 'session.keys[0] again'],
  ['a second key that is bad', { keys: [key, SECRET] }, KEY, 'session.keys[1]', 'hex or base64url'],
  ['a Buffer', { keys: [Buffer.alloc(32, 'k')] }, KEY, 'session.keys[0]', 'a key as text'],
  ['an option that is misspelt', { ...ONE, idel: 60 }, UNKNOWN, 'session.idel', '`idle`'],
  ["the codec's name for the cookie", { ...ONE, cookieName: 'sid' }, UNKNOWN, 'session.cookieName', 'Did you mean'],
  ["the codec's term", { ...ONE, expiry: 60 }, UNKNOWN, 'session.expiry', 'The names are'],
  ['a term as text', { ...ONE, idle: '30m' }, INVALID, 'session.idle', 'an integer from 60'],
  ['a term in milliseconds', { ...ONE, idle: 1_800_000_000 }, INVALID, 'session.idle', 'an integer from 60'],
  ['a term of nothing', { ...ONE, absolute: 0 }, INVALID, 'session.absolute', 'an integer from 60'],
  ['half a second', { ...ONE, idle: 60.5 }, INVALID, 'session.idle', 'an integer'],
  ['idle longer than absolute', { ...ONE, idle: 7200, absolute: 3600 }, INVALID, 'session.idle', 'at most `absolute`'],
  ['a store that is none', { ...ONE, store: {} }, INVALID, 'session.store', '`memoryStore()`'],
  ['a function that makes a store', { ...ONE, store: memoryStore }, INVALID, 'session.store', '`memoryStore()`'],
  ['a limit without a store', { ...ONE, maxSessions: 3 }, INVALID, 'session.maxSessions', 'Give a store'],
  ['a limit of nobody', { ...ONE, store: memoryStore(), maxSessions: 0 }, INVALID, 'session.maxSessions', 'an integer from 1'],
  ['a policy that is misspelt', { ...ONE, store: memoryStore(), maxSessions: { max: 3, policy: 'evict' } }, INVALID, 'session.maxSessions', /evict-oldest/],
  ['a policy for the store that is misspelt', { ...ONE, onStoreError: 'stale-ok' }, INVALID, 'session.onStoreError', "`'allow'`"],
  ['a time limit in milliseconds', { ...ONE, storeTimeout: 2000 }, INVALID, 'session.storeTimeout', '60'],
  ['a cache of an hour', { ...ONE, cacheSeconds: 3600 }, INVALID, 'session.cacheSeconds', 'from 0 to 60'],
  ['a login page of another site', { ...ONE, loginPath: `https://${SECRET}.test/login` }, INVALID, 'session.loginPath', '`/login`'],
  ['a login page of another host', { ...ONE, loginPath: `//${SECRET}.test` }, INVALID, 'session.loginPath', '`/login`'],
  ['a login page with a line break', { ...ONE, loginPath: '/login\r\nset-cookie: a=b' }, INVALID, 'session.loginPath', '`/login`'],
  ['nothing to clear', { ...ONE, clearSiteData: [] }, INVALID, 'session.clearSiteData', '`false` sends no header'],
  ['something to clear that is misspelt', { ...ONE, clearSiteData: ['caches'] }, INVALID, 'session.clearSiteData', /cache/],
  ['an event handler that is none', { ...ONE, onEvent: SECRET }, INVALID, 'session.onEvent', 'a function'],
  ['a clock that is none', { ...ONE, now: 1 }, INVALID, 'session.now', 'a function'],
  ['an attribute that is misspelt', cookie({ samesite: 'lax' }), UNKNOWN, 'session.cookie.samesite', '`sameSite`'],
  ['HttpOnly, which is not to be had otherwise', cookie({ httpOnly: false }), UNKNOWN, 'session.cookie.httpOnly', 'The names are'],
  ['SameSite in capitals', cookie({ sameSite: 'Strict' }), INVALID, 'session.cookie.sameSite', "`'strict'`"],
  ['SameSite=None without need', cookie({ sameSite: 'none' }), COOKIE, 'session.cookie.sameSite', "`'lax'`"],
  ['a domain with __Host-', cookie({ name: '__Host-sid', domain: 'app.test' }), COOKIE, 'session.cookie.domain', 'Leave `domain` out'],
  ['partitioned without None', cookie({ partitioned: true }), COOKIE, 'session.cookie.partitioned', "`sameSite: 'none'`"]
]

async function failure (options: object, server: FastifyServerOptions = {}): Promise<unknown> {
  const app = Fastify(server)
  app.register(session, options as SessionOptions)
  return await failureOf(app)
}

t.test('what never starts', async (t) => {
  for (const entry of cases) checkMisuse(t, await failure(entry[1]), entry)
})

t.test('a cookie without Secure is for development alone', async (t) => {
  t.equal(await failure(cookie({ secure: false })), undefined)
  t.match(await failure(cookie({ secure: false }), { trustProxy: true }), { code: COOKIE, message: /behind a proxy/ })
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { delete process.env['NODE_ENV'] })
  t.match(await failure(cookie({ secure: false })), { code: COOKIE, message: /in production/ })
})

t.test('@fastify/cookie with another hook', async (t) => {
  const app = Fastify()
  app.register(fastifyCookie, { hook: 'preHandler' })
  app.register(session, { keys: [key] })
  await t.rejects(async () => app.ready(), { code: COOKIE, message: /`onRequest`/ })
})

t.test('what looks odd and is right starts', async (t) => {
  const right: Array<readonly [what: string, options: object]> = [
    ['a key in hex', { keys: [Buffer.from(key, 'base64url').toString('hex')] }],
    ['five keys', { keys: Array.from({ length: 5 }, generateKey) }],
    ['an absolute limit below the default of idle', { ...ONE, absolute: 600 }],
    ['no lag at all', { ...ONE, store: memoryStore(), cacheSeconds: 0, storeTimeout: 0.5 }],
    ['a cookie for frames of other sites', cookie({ sameSite: 'none', partitioned: true })],
    ['what is frozen', Object.freeze({ keys: Object.freeze([key]), cookie: Object.freeze({}) })]
  ]
  for (const [what, options] of right) t.equal(await failure(options), undefined, what)
})
