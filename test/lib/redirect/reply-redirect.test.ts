import t from 'tap'
import { kApprovedLocation } from '../../../lib/approved-location.ts'
import { sendBack, sendExternal, sendLeavePage, sendSafe, type RedirectingReply } from '../../../lib/redirect/reply-redirect.ts'
import { Resolver } from '../../../lib/redirect/resolver.ts'
import type { RedirectStatus } from '../../../lib/redirect/settings.ts'
import { MemoryReply, MemoryRequest } from './memory-reply.ts'

const resolver = new Resolver({ origin: 'https://app.test', hosts: ['good.test'] }, 'redirect')
const UNSAFE = { code: 'BULWARK_ERR_REDIRECT_UNSAFE', statusCode: 400 }

const replyTo = (given: ConstructorParameters<typeof MemoryRequest>[0] = {}, statusCode = 200): MemoryReply => new MemoryReply(new MemoryRequest(given), {}, statusCode)

t.test('a safe target is sent as the parser writes it, and noted for the net', async (t) => {
  const reply = replyTo()
  t.equal(sendSafe(reply, resolver, '/日本', {}), reply)
  t.equal(reply.getHeader('location'), 'https://app.test/%E6%97%A5%E6%9C%AC')
  t.equal((reply as RedirectingReply)[kApprovedLocation], reply.getHeader('location'))
  t.same(reply.request.lines, [])
})

const statuses: Array<[what: string, method: string, before: number, given: RedirectStatus | undefined, expected: number]> = [
  ['after a GET', 'GET', 200, undefined, 302],
  ['after a HEAD', 'HEAD', 200, undefined, 302],
  ['after a POST', 'POST', 200, undefined, 303],
  ['after a DELETE', 'DELETE', 200, undefined, 302],
  ['one that is asked for', 'POST', 200, 308, 308],
  ['one that the reply has', 'POST', 307, undefined, 307],
  ['one that is asked for, and another that the reply has', 'GET', 307, 301, 301],
  ['another status is none of a redirect', 'GET', 201, undefined, 302]
]

for (const [what, method, before, status, expected] of statuses) {
  t.test(`status ${expected}: ${what}`, async (t) => {
    const reply = replyTo({ method }, before)
    sendSafe(reply, resolver, '/home', status === undefined ? {} : { status })
    t.equal(reply.statusCode, expected)
  })
}

t.test('a status that is none of a redirect is a mistake of the program', async (t) => {
  for (const status of [200, 300, 304, 305, 400, '302']) {
    const reply = replyTo()
    t.throws(() => sendSafe(reply, resolver, '/home', { status: status as RedirectStatus }), { code: 'BULWARK_ERR_REDIRECT_OPTION_INVALID' })
    t.notOk(reply.hasHeader('location'))
  }
})

t.test('a target that is not safe', async (t) => {
  const refused = replyTo()
  t.equal(sendSafe(refused, resolver, 'https://evil.test', {}), refused)
  t.match(refused.sent, UNSAFE)
  t.notOk(refused.hasHeader('location'))
  t.match(refused.request.lines, [{ level: 'warn', code: UNSAFE.code, reason: 'host', target: 'https://evil.test' }])

  const fallen = replyTo({ method: 'POST' })
  sendSafe(fallen, resolver, 'https://evil.test', { fallback: '/start' })
  t.equal(fallen.getHeader('location'), 'https://app.test/start')
  t.equal(fallen.statusCode, 303)
  t.match(fallen.request.lines, [{ level: 'info', code: UNSAFE.code }])

  const both = replyTo()
  sendSafe(both, resolver, 'https://evil.test', { fallback: '//evil.test' })
  t.match(both.sent, UNSAFE, 'the fallback is judged, too')
  t.notOk(both.hasHeader('location'))
})

t.test('externalRedirect goes anywhere over http and https', async (t) => {
  const reply = replyTo()
  sendExternal(reply, 'https://id.test/authorize?x=é', {})
  t.equal(reply.getHeader('location'), 'https://id.test/authorize?x=%C3%A9')
  t.equal((reply as RedirectingReply)[kApprovedLocation], reply.getHeader('location'))
  for (const url of ['javascript:alert(1)', '/home', ['https://id.test/'], undefined]) {
    const refused = replyTo()
    sendExternal(refused, url, {})
    t.match(refused.sent, UNSAFE, String(url))
    t.match(refused.request.lines, [{ reason: 'external' }])
  }
})

t.test('leaveTo shows a page for another site', async (t) => {
  const reply = replyTo()
  sendLeavePage(reply, resolver, 'https://evil.test/a')
  t.match(reply.sent, '<strong>evil.test</strong>')
  t.match(reply.sent, 'href="https://app.test/"')
  t.equal(reply.statusCode, 200)
  t.equal(reply.getHeader('referrer-policy'), 'no-referrer')
  t.notOk(reply.hasHeader('location'))
  for (const [url, href] of [['/home', 'https://app.test/home'], ['https://good.test/', 'https://good.test/']]) {
    const known = replyTo()
    sendLeavePage(known, resolver, url)
    t.equal(known.getHeader('location'), href, 'and none for what is on the list')
    t.equal(known.sent, undefined)
  }
  for (const url of ['javascript:alert(1)', '//evil.test', 'https://user@evil.test', ['https://evil.test'], '']) {
    const refused = replyTo()
    sendLeavePage(refused, resolver, url)
    t.match(refused.sent, UNSAFE, String(url))
  }
})

const backs: Array<[what: string, method: string, url: string, referer: string | undefined, expected: string]> = [
  ['to the page before', 'POST', '/save', 'https://app.test/form?a=b', 'https://app.test/form?a=b'],
  ['to a host of the list', 'GET', '/out', 'https://good.test/x', 'https://good.test/x'],
  ['to the page itself, after a POST', 'POST', '/form', 'https://app.test/form', 'https://app.test/form'],
  ['not to another site', 'POST', '/save', 'https://evil.test/', 'https://app.test/start'],
  ['not to nowhere', 'POST', '/save', undefined, 'https://app.test/start'],
  ['not to the page itself, which would turn in a circle', 'GET', '/lang?de', 'https://app.test/lang?de', 'https://app.test/start'],
  ['nor when only its headers are asked for', 'HEAD', '/lang?de', 'https://app.test/lang?de', 'https://app.test/start'],
  ['to the page itself with another query', 'GET', '/lang?de', 'https://app.test/lang', 'https://app.test/lang'],
  ['from a request for everything', 'GET', '*', 'https://app.test/', 'https://app.test/']
]

for (const [what, method, url, referer, expected] of backs) {
  t.test(`redirectBack: ${what}`, async (t) => {
    const reply = replyTo({ method, originalUrl: url, headers: referer === undefined ? {} : { referer } })
    sendBack(reply, resolver, '/start', {})
    t.equal(reply.getHeader('location'), expected)
    t.equal(reply.statusCode, method === 'POST' ? 303 : 302)
  })
}

t.test('redirectBack with a fallback that leaves', async (t) => {
  const reply = replyTo()
  sendBack(reply, resolver, 'https://evil.test', {})
  t.match(reply.sent, UNSAFE)
})
