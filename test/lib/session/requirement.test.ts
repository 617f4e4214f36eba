import fc from 'fast-check'
import t from 'tap'
import { localPath, refusalOf, sendRefusal, unmetBy, type Visitor } from '../../../lib/session/requirement.ts'

const LOGIN = 'BULWARK_ERR_SESSION_LOGIN_REQUIRED'
const FRESH = 'BULWARK_ERR_SESSION_FRESH_REQUIRED'
const NOW = 1_000_000

t.test('ASVS 7.5.1: who may enter', async (t) => {
  const visitor = (userId: string | undefined, isFresh: boolean, age: number | undefined): Visitor => ({ userId, isFresh, authenticatedAt: age === undefined ? undefined : NOW - age })
  const cases: Array<readonly [what: string, visitor: Visitor, within: number | undefined, expected: string | undefined]> = [
    ['nobody', visitor(undefined, false, undefined), undefined, LOGIN],
    ['a user', visitor('42', true, 5000), undefined, undefined],
    ['a remembered user', visitor('42', false, undefined), undefined, undefined],
    ['nobody, where freshness counts', visitor(undefined, false, undefined), 1000, LOGIN],
    ['a user who signed in then', visitor('42', true, 1000), 1000, undefined],
    ['a user who signed in before', visitor('42', true, 1001), 1000, FRESH],
    ['a remembered user, where freshness counts', visitor('42', false, 0), 1000, FRESH],
    ['a user without a time', visitor('42', true, undefined), 1000, FRESH]
  ]
  for (const [what, who, within, expected] of cases) t.equal(unmetBy(who, within === undefined ? {} : { within }, NOW), expected, what)
})

const page = { accept: 'text/html,application/xhtml+xml;q=0.9' }

t.test('a page goes to the login page and comes back, a program gets a status', async (t) => {
  const cases: Array<readonly [what: string, method: string, url: string, headers: Record<string, string>, location: string | undefined]> = [
    ['a page', 'GET', '/account?tab=1', page, '/login?next=%2Faccount%3Ftab%3D1'],
    ['the head of a page', 'HEAD', '/account', page, '/login?next=%2Faccount'],
    ['a navigation', 'GET', '/account', { ...page, 'sec-fetch-mode': 'navigate' }, '/login?next=%2Faccount'],
    ['a form', 'POST', '/account', page, '/login'],
    ['an address of another host', 'GET', '//evil.test/', page, '/login'],
    ['an address with a backslash', 'GET', '/\\evil.test', page, '/login'],
    ['an address that is long', 'GET', `/${'a'.repeat(1024)}`, page, '/login'],
    ['a fetch for HTML', 'GET', '/account', { ...page, 'sec-fetch-mode': 'cors' }, undefined],
    ['a program', 'GET', '/account', { accept: 'application/json' }, undefined],
    ['a program that takes anything', 'GET', '/account', { accept: '*/*' }, undefined],
    ['a program that does not say', 'GET', '/account', {}, undefined],
    ['another type that ends so', 'GET', '/account', { accept: 'application/x-text/html' }, undefined],
    ['the login page itself', 'GET', '/login?next=%2F', page, undefined]
  ]
  for (const [what, method, url, headers, location] of cases) {
    const refusal = refusalOf({ method, originalUrl: url, headers }, LOGIN, '/login')
    if (location === undefined) t.match(refusal, { kind: 'problem', status: 401, headers: { 'www-authenticate': /^Cookie/ }, body: { status: 401, code: LOGIN, title: 'Unauthorized' } }, what)
    else t.same(refusal, { kind: 'redirect', status: method === 'POST' ? 303 : 302, location }, what)
  }
  t.equal(refusalOf({ method: 'GET', originalUrl: '/account', headers: page }, LOGIN, undefined).kind, 'problem', 'without a login page, a page gets a status, too')
  t.match(refusalOf({ method: 'GET', originalUrl: '/', headers: page }, LOGIN, '/login?lang=de'), { location: '/login?lang=de&next=%2F' })
  t.match(refusalOf({ method: 'GET', originalUrl: '/', headers: page }, 'BULWARK_ERR_SESSION_STORE_DOWN', '/login'), { kind: 'problem', status: 503, headers: { 'retry-after': '5' }, body: { status: 503 } })
})

t.test('the way back is signed where the redirect guard is there', async (t) => {
  const calls: unknown[] = []
  const signNext = (...call: unknown[]): string => { calls.push(call); return 'signed&text' }
  t.match(refusalOf({ method: 'GET', originalUrl: '/a', headers: page, signNext }, FRESH, '/login'), { location: '/login?next=signed%26text' })
  t.same(calls, [['/a', { maxAge: 3600 }]])
  const refusing = (code: string) => (): string => { throw Object.assign(new Error(code), { code }) }
  t.match(refusalOf({ method: 'GET', originalUrl: '/a', headers: page, signNext: refusing('BULWARK_ERR_REDIRECT_KEYS_MISSING') }, FRESH, '/login'), { location: '/login?next=%2Fa' }, 'a guard without keys signs nothing')
  t.same((refusalOf({ method: 'GET', originalUrl: '/a', headers: page, signNext: refusing('BULWARK_ERR_REDIRECT_UNSAFE') }, FRESH, '/login') as { location: string }).location, '/login', 'what the guard refuses is no way back')
})

t.test('a refusal is sent', async (t) => {
  const calls: unknown[] = []
  const note = (name: string) => (...given: unknown[]): void => { calls.push([name, ...given]) }
  const reply = { request: { raw: { headers: {}, socket: {} } }, raw: { once: note('once') }, header: note('header'), redirect: note('redirect'), code: note('code'), headers: note('headers'), send: note('send') as (...payload: never) => unknown }
  sendRefusal(reply, { kind: 'redirect', status: 302, location: '/login' })
  sendRefusal(reply, { kind: 'problem', status: 401, headers: { a: 'b' }, body: { status: 401 } })
  t.same(calls, [['redirect', '/login', 302], ['code', 401], ['headers', { a: 'b', 'content-type': 'application/problem+json' }], ['send', '{"status":401}']])
})

t.test('only a path of this site leads back', async (t) => {
  const good = ['/', '/a', '/a/b?c=d&e=%2F%2Fevil', '/a#b', '/a//b', '/@evil.test', '/%5Cevil']
  for (const path of good) t.equal(localPath(path), path)
  const bad = [undefined, null, 1, {}, ['/a'], '', 'a', '//evil.test', '///evil.test', '/\\evil.test', '\\/evil.test', '/a\\b', 'https://evil.test', 'javascript:alert(1)', '/\t/evil.test', '/\n/evil.test', ' /a', '/ü', `/${'a'.repeat(1024)}`]
  for (const path of bad) t.equal(localPath(path, '/home'), '/home', String(path).slice(0, 30))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('/', '\\', '.', '@', ':', 'e', '\t', '%', '?', '#') })), (text) => new URL(localPath(text), 'https://app.test').origin === 'https://app.test'))
})
