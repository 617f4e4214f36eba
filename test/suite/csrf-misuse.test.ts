import Fastify, { type FastifyContextConfig } from 'fastify'
import t from 'tap'
import type { ErrorCode } from '../../lib/errors.ts'
import { generateKey } from '../../lib/keys.ts'
import { csrf, type CsrfOptions } from '../../plugins/csrf.ts'

// A wrong option never starts: what is misspelt, of a wrong type, weak or in contradiction.

const UNKNOWN = 'BULWARK_ERR_CSRF_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_CSRF_OPTION_INVALID'
const KEY = generateKey()
const GOOD = { origin: 'https://app.test', keys: [KEY] }

/** What went wrong, the options, the code, what the message names, and what it says. */
type Case = readonly [what: string, options: unknown, code: ErrorCode, path: string, says: string | RegExp]

const cases: readonly Case[] = [
  ['no options', undefined, INVALID, 'csrf.origin', 'an origin or an array of them'],
  ['no origin', { keys: [KEY] }, INVALID, 'csrf.origin', 'received undefined'],
  ['no keys', { origin: 'https://app.test' }, INVALID, 'csrf.keys', 'an array'],
  ['an option that is misspelt', { ...GOOD, trustedOrigin: [] }, UNKNOWN, 'csrf.trustedOrigin', '`trustedOrigins`'],
  ['an option of another package', { ...GOOD, cookieKey: '_csrf' }, UNKNOWN, 'csrf.cookieKey', 'The names are'],
  ['an empty list of origins', { ...GOOD, origin: [] }, INVALID, 'csrf.origin', 'an origin'],
  ['an origin with a path', { ...GOOD, origin: 'https://app.test/' }, INVALID, 'csrf.origin', 'ends behind its host and port'],
  ['an origin without its scheme', { ...GOOD, origin: 'app.test' }, INVALID, 'csrf.origin', 'with its scheme'],
  ['an origin with a wildcard', { ...GOOD, origin: 'https://*.app.test' }, INVALID, 'csrf.origin', 'an origin such as'],
  ['the origin of a file', { ...GOOD, origin: 'file:///' }, INVALID, 'csrf.origin', 'Only http and https'],
  ['an origin that is null', { ...GOOD, origin: 'null' }, INVALID, 'csrf.origin', 'an origin such as'],
  ['the second of two origins', { ...GOOD, origin: ['https://app.test', 'x'] }, INVALID, 'csrf.origin[1]', 'an origin such as'],
  ['a trusted origin that is null', { ...GOOD, trustedOrigins: ['null'] }, INVALID, 'csrf.trustedOrigins', 'an origin such as'],
  ['a trusted origin that is everybody', { ...GOOD, trustedOrigins: ['*'] }, INVALID, 'csrf.trustedOrigins', 'an origin such as'],
  ['trusted origins as text', { ...GOOD, trustedOrigins: 'https://pay.test' }, INVALID, 'csrf.trustedOrigins', 'an array'],
  ['a pattern', { ...GOOD, trustedOrigins: [/pay/] }, INVALID, 'csrf.trustedOrigins.0', 'a string'],
  ['no key', { ...GOOD, keys: [] }, INVALID, 'csrf.keys', 'at least one key'],
  ['a key that is short', { ...GOOD, keys: ['c2hvcnQ'] }, INVALID, 'csrf.keys[0]', 'a key of 32 bytes'],
  ['a key that is a passphrase', { ...GOOD, keys: ['correct horse battery staple'] }, INVALID, 'csrf.keys[0]', 'hex or base64url'],
  ['a key of zeros', { ...GOOD, keys: ['0'.repeat(64)] }, INVALID, 'csrf.keys[0]', 'random bytes'],
  ['a key twice', { ...GOOD, keys: [KEY, KEY] }, INVALID, 'csrf.keys[1]', 'a key of its own'],
  ['a second key that is weak', { ...GOOD, keys: [KEY, 'a'] }, INVALID, 'csrf.keys[1]', 'received'],
  ['a key as bytes', { ...GOOD, keys: [Buffer.alloc(32)] }, INVALID, 'csrf.keys.0', 'a string'],
  ['a mode that is misspelt', { ...GOOD, mode: 'report-only' }, INVALID, 'csrf.mode', "Did you mean `'report'`?"],
  ['a mode that is off', { ...GOOD, mode: false }, INVALID, 'csrf.mode', "`'enforce'` or `'report'`"],
  ['a field with quotes', { ...GOOD, fieldName: '"><script>' }, INVALID, 'csrf.fieldName', 'a name of 1 to 64'],
  ['a field that every object has', { ...GOOD, fieldName: '__proto__' }, INVALID, 'csrf.fieldName', 'a name of 1 to 64'],
  ['a header with a blank', { ...GOOD, headerName: 'x csrf' }, INVALID, 'csrf.headerName', 'a name of 1 to 64'],
  ['a listener that is none', { ...GOOD, onEvent: 'log' }, INVALID, 'csrf.onEvent', 'a function'],
  ['an answer that is none', { ...GOOD, onRefused: {} }, INVALID, 'csrf.onRefused', 'a function']
]

const settings: readonly Case[] = [
  ['a setting that is true', true, INVALID, 'config.security.csrf', "`false` or `'strict'` or `'token'`"],
  ['a setting that is null', null, INVALID, 'config.security.csrf', 'received null'],
  ['a setting that is misspelt', 'stric', INVALID, 'config.security.csrf', "Did you mean `'strict'`?"],
  ['a key that is misspelt', { trustedOrigin: [] }, UNKNOWN, 'config.security.csrf.trustedOrigin', '`trustedOrigins`'],
  ['the shape of a plan', { exempt: true }, UNKNOWN, 'config.security.csrf.exempt', '`trustedOrigins`'],
  ['an object without a key', {}, INVALID, 'config.security.csrf', /expected/],
  ['an origin with a path', { trustedOrigins: ['https://pay.test/return'] }, INVALID, 'config.security.csrf.trustedOrigins', 'ends behind'],
  ['an origin that is null', { trustedOrigins: ['null'] }, INVALID, 'config.security.csrf.trustedOrigins', 'an origin such as']
]

const matches = (text: string, pattern: string | RegExp): boolean => typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)

for (const [what, options, code, path, says] of cases) {
  t.test(`refused at start: ${what}`, async (t) => {
    const app = Fastify()
    app.register(csrf, options as CsrfOptions)
    const error = await Promise.resolve(app.ready()).then(() => undefined, (error: unknown) => error as Error & { code?: string })
    t.equal(error?.code, code)
    t.ok(error!.message.startsWith(`${path}:`), error!.message)
    t.ok(matches(error!.message, says), error!.message)
    t.notOk(error!.message.includes(KEY), 'no key is told')
  })
}

for (const [what, setting, code, path, says] of settings) {
  t.test(`refused at start: ${what}`, async (t) => {
    const app = Fastify()
    await app.register(csrf, GOOD)
    app.post('/route', { config: { security: { csrf: setting } } as FastifyContextConfig }, () => '')
    const error = await Promise.resolve(app.ready()).then(() => undefined, (error: unknown) => error as Error & { code?: string })
    t.equal(error?.code, code)
    t.ok(error!.message.startsWith(path), error!.message)
    t.ok(matches(error!.message, says), error!.message)
    t.match(error!.message, '(route POST /route)')
  })
}

t.test('registered twice in one scope', async (t) => {
  const app = Fastify()
  app.register(csrf, GOOD)
  app.register(csrf, GOOD)
  await t.rejects(Promise.resolve(app.ready()), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
})

t.test('the options are not written to', async (t) => {
  const app = Fastify()
  const config = Object.freeze({ security: Object.freeze({ csrf: 'strict' as const }) })
  await app.register(csrf, Object.freeze({ ...GOOD, keys: Object.freeze([KEY]) }))
  app.get('/', { config }, () => 'a')
  t.equal((await app.inject({ url: '/', headers: { 'sec-fetch-site': 'cross-site' } })).statusCode, 403)
})
