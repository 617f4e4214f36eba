import t from 'tap'
import { cookieText, keepUncached, putCookie, rawReply } from '../../../lib/session/reply-cookies.ts'
import { Reply } from './fixture.ts'

t.test('a cookie takes the place of one of its name, and of no other', async (t) => {
  const reply = new Reply()
  putCookie(reply, 's', 's=1')
  t.equal(reply.values.get('set-cookie'), 's=1')
  putCookie(reply, 's', 's=2')
  t.same(reply.cookies, ['s=2'])
  reply.header('set-cookie', 'ss=own')
  reply.header('set-cookie', 'a=own; Path=/')
  putCookie(reply, 's', 's=3')
  t.same(reply.cookies, ['ss=own', 'a=own; Path=/', 's=3'])
})

t.test('the text of a cookie', async (t) => {
  t.equal(cookieText({ name: 's', attributes: '; Path=/', cleared: '' }, 'v'), 's=v; Path=/')
})

t.test('ASVS 14.3.2: no cache keeps what depends on the session', async (t) => {
  const cases: Array<readonly [what: string, isStored: boolean, before: Record<string, string>, cacheControl: string | undefined, vary: string]> = [
    ['nothing set', false, {}, 'no-store', 'Cookie'],
    ['public', false, { 'cache-control': 'public, max-age=60' }, 'no-store', 'Cookie'],
    ['left to the application', true, { 'cache-control': 'private, max-age=60' }, 'private, max-age=60', 'Cookie'],
    ['left to an application that says nothing', true, {}, undefined, 'Cookie'],
    ['another Vary', false, { vary: 'Accept-Encoding' }, 'no-store', 'Accept-Encoding, Cookie'],
    ['the same Vary', false, { vary: 'Accept, cookie' }, 'no-store', 'Accept, cookie'],
    ['everything', false, { vary: '*' }, 'no-store', '*'],
    ['a name that only holds it', false, { vary: 'X-Cookie' }, 'no-store', 'X-Cookie, Cookie']
  ]
  for (const [what, isStored, before, cacheControl, vary] of cases) {
    const reply = new Reply()
    for (const [name, value] of Object.entries(before)) reply.header(name, value)
    keepUncached(reply, isStored)
    t.same([reply.getHeader('cache-control'), reply.getHeader('vary')], [cacheControl, vary], what)
  }
})

t.test('a raw response in the place of a reply', async (t) => {
  const values = new Map<string, string | string[]>([['vary', 'Accept']])
  const raw = { headersSent: false, getHeader: (name: string) => values.get(name), setHeader: (name: string, value: string | string[]) => values.set(name, value), removeHeader: (name: string) => values.delete(name) }
  const reply = rawReply(raw)
  putCookie(reply, 's', 's=1')
  putCookie(reply, 's', 's=2')
  keepUncached(reply, false)
  t.same(Object.fromEntries(values), { 'set-cookie': 's=2', 'cache-control': 'no-store', vary: 'Accept, Cookie' })
  t.equal(reply.raw.headersSent, false)
})
