import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { discard, refuseReply } from '../../../lib/redirect/refusal.ts'
import { MemoryReply } from './memory-reply.ts'

const GONE = {
  location: 'https://evil.test/',
  refresh: '0; url=https://evil.test/',
  'content-length': '5',
  'content-type': 'text/html',
  'content-encoding': 'gzip',
  'content-language': 'de',
  'content-location': '/x',
  'content-range': 'bytes 0-4/5',
  'content-disposition': 'attachment',
  'content-digest': 'sha-256=:x:',
  etag: '"a"',
  'last-modified': 'Mon',
  expires: 'Mon',
  age: '5',
  'accept-ranges': 'bytes',
  'transfer-encoding': 'chunked',
  'cache-control': 'public, max-age=60'
}
const KEPT = { 'set-cookie': ['a=b', 'c=d'], 'content-security-policy': "default-src 'none'", vary: 'Cookie', 'clear-site-data': '"*"', 'x-request-id': '1' }

t.test('a refused reply says nothing of what it was made for', async (t) => {
  const reply = new MemoryReply(undefined, { ...GONE, ...KEPT }, 302)
  reply.raw.headers.set('location', 'https://evil.test/')
  reply.raw.headers.set('x-raw', '1')
  const body = refuseReply(reply)
  t.same(JSON.parse(body), { statusCode: 400, code: 'BULWARK_ERR_REDIRECT_UNSAFE', error: 'Bad Request', message: 'The request would lead to an address that is not allowed.' })
  t.equal(reply.statusCode, 400)
  t.same(Object.fromEntries(reply.headers), { ...KEPT, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  t.same([...reply.raw.headers.keys()], ['x-raw'])
})

t.test('what was to be sent is ended', async (t) => {
  const file = new Readable({ read () {} })
  discard(file)
  t.ok(file.destroyed)
  const failing = new PassThrough({ destroy (_error, done) { done(new Error('late')) } })
  discard(failing)
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(failing.destroyed, 'a stream that fails at its end harms nobody')
  let cancelled = false
  discard(new ReadableStream({ cancel () { cancelled = true } }))
  t.ok(cancelled)
  const locked = new ReadableStream()
  locked.getReader()
  discard(locked)
  discard({ destroy () { cancelled = false } })
  t.notOk(cancelled, 'what only can be destroyed is')
  for (const payload of ['text', null, undefined, Buffer.from('x'), 5, {}]) t.doesNotThrow(() => discard(payload))
})
