import t from 'tap'
import { ReplyNonces } from '../../../lib/headers/nonce.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import { eraseHeaders, unpackResponse, writeHeaders } from '../../../lib/headers/write.ts'
import { MemoryTarget } from './memory-target.ts'

const NONCE = 'a-nonce-of-22-letters-'
const { plan } = new Planner({})
const html = { 'content-type': 'text/html' }

function read (): ReplyNonces {
  const nonces = new ReplyNonces(() => NONCE, false)
  t.equal(nonces.script, NONCE)
  return nonces
}

function write (target: MemoryTarget, nonces: ReplyNonces | null = null, with_ = plan, secure = false): string[] {
  const reports: string[] = []
  writeHeaders(target, with_, secure, nonces, (code) => reports.push(code))
  return reports
}

t.test('what is written is given back, and taken back again', async (t) => {
  const target = new MemoryTarget({ ...html, 'x-frame-options': 'SAMEORIGIN' })
  const pairs = writeHeaders(target, plan, false, null, () => {})
  t.equal(target.getHeader('x-frame-options'), 'SAMEORIGIN', 'the header of the application wins')
  t.equal(target.getHeader('x-content-type-options'), 'nosniff')
  target.header('referrer-policy', 'origin')
  eraseHeaders(target, pairs)
  t.same(Object.fromEntries(target.headers), { ...html, 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'origin' }, 'but for what the application has')
})

t.test('the type decides between documents and other replies, the request between http and https', async (t) => {
  const table: Array<[headers: Record<string, string>, secure: boolean, document: boolean]> = [[html, false, true], [html, true, true], [{}, false, false], [{}, true, false]]
  for (const [headers, secure, document] of table) {
    const target = new MemoryTarget(headers)
    write(target, null, plan, secure)
    t.equal(target.hasHeader('x-frame-options'), document)
    t.equal(target.hasHeader('strict-transport-security'), secure)
  }
})

t.test('a 304 carries no policy', async (t) => {
  const target = new MemoryTarget(html, 304)
  write(target, read())
  t.notOk(target.hasHeader('content-security-policy'))
  t.ok(target.hasHeader('x-content-type-options'))
})

t.test('a nonce that nobody read is in no header', async (t) => {
  const target = new MemoryTarget(html)
  write(target, new ReplyNonces(() => NONCE, false))
  t.notMatch(target.getHeader('content-security-policy'), NONCE)
  t.notOk(target.hasHeader('cache-control'))
})

const caching: Array<[what: string, given: string | undefined, expected: string, reports: string[]]> = [
  ['private where the application says nothing', undefined, 'private', []],
  ['no-store stays', 'no-store', 'no-store', []],
  ['a lifetime in the browser stays', 'private, max-age=60', 'private, max-age=60', []],
  ['public is replaced and reported', 'public, max-age=60', 'private', ['BULWARK_ERR_HEADERS_NONCE_SHARED']],
  ['in capitals, too', 'max-age=60, PUBLIC', 'private', ['BULWARK_ERR_HEADERS_NONCE_SHARED']],
  ['s-maxage is replaced and reported', 's-maxage=60', 'private', ['BULWARK_ERR_HEADERS_NONCE_SHARED']],
  ['a word that only contains public stays', 'x-public=1', 'x-public=1', []]
]
for (const [what, given, expected, reports] of caching) {
  t.test(`Cache-Control of a reply with a nonce: ${what}`, async (t) => {
    const target = new MemoryTarget({ ...html, ...(given === undefined ? {} : { 'cache-control': given }), etag: '"1"', 'last-modified': 'Mon, 23 Nov 2026 00:00:00 GMT' })
    t.same(write(target, read()), reports)
    t.equal(target.getHeader('cache-control'), expected)
    t.notOk(target.hasHeader('etag'))
    t.notOk(target.hasHeader('last-modified'))
    t.match(target.getHeader('content-security-policy'), `'nonce-${NONCE}'`)
  })
}

t.test('a nonce without a place in the policy of a document is reported; on other replies it is no matter', async (t) => {
  const without = new Planner({ contentSecurityPolicy: { replace: true, set: { 'default-src': ["'none'"] } } }).plan
  t.same(write(new MemoryTarget(html), read(), without), ['BULWARK_ERR_HEADERS_NONCE_UNPLACED'])
  t.same(write(new MemoryTarget(), read(), without), [])
})

t.test('a Response is taken apart, anything else left alone', async (t) => {
  const seen: unknown[] = []
  const target = { code: (status: number) => seen.push(status), header: (name: string, value: string) => seen.push([name, value]) }
  for (const payload of ['text', null, undefined, Buffer.from('x'), {}]) t.equal(unpackResponse(target, payload), payload)
  t.same(seen, [])
  const response = new Response('page', { status: 201, headers: { 'content-type': 'text/html' } })
  t.equal(unpackResponse(target, response), response.body)
  t.same(seen, [201, ['content-type', 'text/html']])
  const used = new Response('page')
  await used.text()
  t.equal(unpackResponse(target, used), used, 'Fastify refuses it')
})
