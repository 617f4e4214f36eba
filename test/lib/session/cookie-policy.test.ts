import Fastify from 'fastify'
import fastifyCookie from '@fastify/cookie'
import t from 'tap'
import { cookiePolicy, type CookieOptions } from '../../../lib/session/cookie-policy.ts'

const app = Fastify()
await app.register(fastifyCookie)
const serialize = (name: string, value: string, attributes: object): string => app.serializeCookie(name, value, attributes)
const HOME = { isProduction: false, isHttps: false, trustsProxy: false }
const policy = (options: CookieOptions, surroundings = HOME) => cookiePolicy(options, surroundings, serialize)

t.test('ASVS 3.3.1 to 3.3.4: the cookie by default, and what options make of it', async (t) => {
  const cases: Array<readonly [options: CookieOptions, cookie: string, warnings: number]> = [
    [{}, '__Host-session=; Path=/; HttpOnly; Secure; SameSite=Strict', 0],
    [{ name: 'sid' }, '__Host-sid=; Path=/; HttpOnly; Secure; SameSite=Strict', 0],
    [{ name: '__Host-sid' }, '__Host-sid=; Path=/; HttpOnly; Secure; SameSite=Strict', 0],
    [{ sameSite: 'lax' }, '__Host-session=; Path=/; HttpOnly; Secure; SameSite=Lax', 0],
    [{ domain: 'app.test' }, '__Secure-session=; Domain=app.test; Path=/; HttpOnly; Secure; SameSite=Strict', 1],
    [{ name: '__Secure-sid', domain: 'app.test' }, '__Secure-sid=; Domain=app.test; Path=/; HttpOnly; Secure; SameSite=Strict', 1],
    [{ path: '/app' }, '__Secure-session=; Path=/app; HttpOnly; Secure; SameSite=Strict', 1],
    [{ sameSite: 'none', partitioned: true }, '__Host-session=; Path=/; HttpOnly; Secure; Partitioned; SameSite=None', 0],
    [{ sameSite: 'none', crossSite: true }, '__Host-session=; Path=/; HttpOnly; Secure; SameSite=None', 1],
    [{ secure: false }, 'session=; Path=/; HttpOnly; SameSite=Strict', 1],
    [{ secure: false, path: '/app' }, 'session=; Path=/app; HttpOnly; SameSite=Strict', 2]
  ]
  for (const [options, cookie, count] of cases) {
    const { session, flash, warnings } = policy(options)
    t.equal(`${session.name}=${session.attributes}`, cookie)
    t.equal(flash.name, `${session.name}-flash`)
    t.equal(warnings.length, count, cookie)
    t.match(session.cleared, `${session.name}=; Max-Age=0;`)
    t.equal(session.cleared.replace(/ (?:Max-Age|Expires)=[^;]*;/g, ''), cookie, 'what removes it has the same attributes')
  }
})

t.test('what browsers drop, and what gives the protection away, never starts', async (t) => {
  const production = { ...HOME, isProduction: true }
  const cases: Array<readonly [what: string, options: CookieOptions, path: string, advice: string, surroundings?: typeof HOME]> = [
    ['a name with a blank', { name: 'a b' }, 'name', 'hyphens'],
    ['a name with a semicolon', { name: 'a;b' }, 'name', 'hyphens'],
    ['no name', { name: '' }, 'name', 'hyphens'],
    ['a name that is long', { name: 'a'.repeat(65) }, 'name', 'hyphens'],
    ['a prefix in small letters', { name: '__host-sid' }, 'name', 'Leave it out'],
    ['__Host- with a domain', { name: '__Host-sid', domain: 'app.test' }, 'domain', 'Leave `domain` out'],
    ['__Host- with a path', { name: '__Host-sid', path: '/app' }, 'path', 'Leave `path` out'],
    ['a prefix without Secure', { name: '__Host-sid', secure: false }, 'name', 'Leave `secure` out'],
    ['a domain with a scheme', { domain: 'https://app.test' }, 'domain', 'without scheme'],
    ['a domain with a leading dot', { domain: '.app.test' }, 'domain', 'leading dot'],
    ['a domain with a port', { domain: 'app.test:443' }, 'domain', 'port'],
    ['a domain that is a top level', { domain: 'test' }, 'domain', 'app.test'],
    ['a path without a slash', { path: 'app' }, 'path', 'begins with'],
    ['a path with a semicolon', { path: '/a;b' }, 'path', 'Percent-encode'],
    ['None without need', { sameSite: 'none' }, 'sameSite', "`'lax'` is enough"],
    ['partitioned without None', { partitioned: true }, 'partitioned', "`sameSite: 'none'`"],
    ['cross-site without None', { crossSite: true }, 'crossSite', 'Leave `crossSite` out'],
    ['None without Secure', { secure: false, sameSite: 'none', crossSite: true }, 'secure', 'Browsers drop it'],
    ['no Secure in production', { secure: false }, 'secure', 'https', production],
    ['no Secure over https', { secure: false }, 'secure', 'Leave the option out', { ...HOME, isHttps: true }],
    ['no Secure behind a proxy', { secure: false }, 'secure', '`trustProxy`', { ...HOME, trustsProxy: true }]
  ]
  for (const [what, options, path, advice, surroundings] of cases) {
    const error = t.throws(() => policy(options, surroundings), { code: 'BULWARK_ERR_SESSION_COOKIE_INVALID' }, what) as unknown as Error
    t.ok(error.message.startsWith(`session.cookie.${path}: expected `), error.message)
    t.ok(error.message.includes(advice), `${what}: ${error.message}`)
  }
})

t.test('the cookie of a remembered device has the flags of the session, an age, and a name of its own', async (t) => {
  for (const [what, options, name, expected] of [
    ['by default', {}, 'remember', '__Host-remember'],
    ['a prefix is not given twice', {}, '__Host-device', '__Host-device'],
    ['with a domain', { domain: 'app.test' }, 'remember', '__Secure-remember'],
    ['for development over http', { secure: false }, 'remember', 'remember']
  ] as const) {
    const { session, remember } = cookiePolicy(options, HOME, serialize, { name, maxAge: 600 })
    t.equal(remember!.name, expected, what)
    t.match(remember!.attributes, 'Max-Age=600')
    t.equal(remember!.attributes.replace(/; Max-Age=600/, ''), session.attributes, what)
    t.match(remember!.cleared, 'Max-Age=0')
  }
  t.equal(policy({}).remember, undefined)
  for (const name of ['session', '__Host-session', 'session-flash', '', 'a b', 'a=b', 'a;b']) {
    t.throws(() => cookiePolicy({}, HOME, serialize, { name, maxAge: 600 }), { code: 'BULWARK_ERR_SESSION_COOKIE_INVALID', message: /session\.remember\.cookieName/ }, name)
  }
})
