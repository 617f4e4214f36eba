import { Readable } from 'node:stream'
import t from 'tap'
import { kApprovedLocation } from '../../../lib/approved-location.ts'
import { dropUnsendable, guardLocation, hasTarget, type GuardedReply } from '../../../lib/redirect/net.ts'
import { Resolver } from '../../../lib/redirect/resolver.ts'
import { MemoryReply, MemoryRequest } from './memory-reply.ts'

const resolver = new Resolver({ origin: 'https://app.test' }, 'redirect')

t.test('which replies have a target', async (t) => {
  for (const status of [201, 300, 301, 302, 303, 304, 305, 307, 308, 399]) t.ok(hasTarget(status), String(status))
  for (const status of [100, 200, 202, 204, 299, 400, 404, 500]) t.notOk(hasTarget(status), String(status))
})

function guard (headers: Record<string, unknown>, payload: unknown = 'body'): { reply: MemoryReply, rest: unknown } {
  const reply = new MemoryReply(new MemoryRequest(), headers, 302)
  return { reply, rest: guardLocation(reply, payload, resolver) }
}

t.test('a reply without a Location passes', async (t) => {
  const { reply, rest } = guard({ etag: '"a"' })
  t.equal(rest, 'body')
  t.same(Object.fromEntries(reply.headers), { etag: '"a"' })
})

t.test('a safe Location passes as it is', async (t) => {
  const { reply, rest } = guard({ location: '../c' })
  t.equal(rest, 'body')
  t.equal(reply.getHeader('location'), '../c')
  t.same(reply.request.lines, [])
})

t.test('one that needs it is encoded', async (t) => {
  const { reply, rest } = guard({ location: '/日本' })
  t.equal(rest, 'body')
  t.equal(reply.getHeader('location'), 'https://app.test/%E6%97%A5%E6%9C%AC')
})

t.test('one that leaves becomes a plain 400', async (t) => {
  const payload = Readable.from(['secret'])
  const { reply, rest } = guard({ location: 'https://evil.test/', 'set-cookie': 'a=b' }, payload)
  t.match(JSON.parse(String(rest)), { statusCode: 400, code: 'BULWARK_ERR_REDIRECT_UNSAFE' })
  t.equal(reply.statusCode, 400)
  t.notOk(reply.hasHeader('location'))
  t.equal(reply.getHeader('set-cookie'), 'a=b')
  t.ok(payload.destroyed, 'what was to be sent is ended')
  t.match(reply.request.lines, [{ level: 'error', code: 'BULWARK_ERR_REDIRECT_UNSAFE', reason: 'host', target: 'https://evil.test/' }])
  t.equal(reply.request.lines.length, 1)
})

t.test('the one that was approved passes, and no other', async (t) => {
  const reply: GuardedReply = new MemoryReply(new MemoryRequest(), { location: 'https://id.test/' }, 302)
  reply[kApprovedLocation] = 'https://id.test/'
  t.equal(guardLocation(reply, 'body', resolver), 'body')
  reply.header('location', 'https://evil.test/')
  t.not(guardLocation(reply, 'body', resolver), 'body')
  t.equal(reply.getHeader('location'), undefined)
})

const errors: Array<[location: unknown, dropped: boolean]> = [
  [undefined, false], ['/a', false], ['', false], ['https://evil.test/', false], ['/日本', true], ['/café', true], ['/a\r\nb', true], ['/\t', true], [['/a', '/b'], true], [5, true]
]

t.test('a reply about an error loses a Location that Node would refuse', async (t) => {
  for (const [location, dropped] of errors) {
    const reply = new MemoryReply(new MemoryRequest(), location === undefined ? {} : { location })
    dropUnsendable(reply)
    t.equal(reply.hasHeader('location'), location !== undefined && !dropped, JSON.stringify(location))
  }
})
