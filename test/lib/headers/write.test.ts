import t from 'tap'
import type { ErrorCode } from '../../../lib/errors.ts'
import { pooledNonces, ReplyNonces } from '../../../lib/headers/nonce.ts'
import type { Pair, Plan } from '../../../lib/headers/plan.ts'
import { Planner } from '../../../lib/headers/planner.ts'
import type { HeadersOptions } from '../../../lib/headers/settings.ts'
import { eraseHeaders, writeHeaders } from '../../../lib/headers/write.ts'
import { MemoryTarget } from './memory-target.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const POLICY = 'content-security-policy'
const { plan } = new Planner({})

function usedNonces (t: { ok (value: unknown): unknown }): ReplyNonces {
  const nonces = new ReplyNonces(pooledNonces(), false)
  t.ok(nonces.script)
  return nonces
}

interface Written {
  readonly target: MemoryTarget
  readonly pairs: readonly Pair[]
  readonly reported: readonly ErrorCode[]
}

function write (headers: Record<string, unknown>, nonces: ReplyNonces | null = null, { secure = false, statusCode = 200, of = plan }: { secure?: boolean, statusCode?: number, of?: Plan } = {}): Written {
  const target = new MemoryTarget(headers, statusCode)
  const reported: ErrorCode[] = []
  const pairs = writeHeaders(target, of, secure, nonces, (code) => reported.push(code))
  return { target, pairs, reported }
}

function planWith (options: HeadersOptions): Plan {
  return new Planner({ lint: 'off', ...options }).plan
}

t.test('the type of the reply decides which headers it gets', async (t) => {
  t.equal(write(HTML).pairs, plan.document.http.pairs)
  t.equal(write({ 'content-type': 'application/json' }).pairs, plan.nonDocument.http.pairs)
  t.equal(write({}).pairs, plan.nonDocument.http.pairs, 'no type is no document')
  t.equal(write(HTML, null, { secure: true }).pairs, plan.document.https.pairs)
  t.equal(write({}, null, { secure: true }).pairs, plan.nonDocument.https.pairs)
})

t.test('every header of the plan is written', async (t) => {
  const { target, pairs } = write(HTML, null, { secure: true })
  for (const [name, value] of pairs) t.equal(target.getHeader(name), value, name)
  t.equal(target.headers.size, pairs.length + 1)
})

t.test('a header that the application has set wins', async (t) => {
  const { target } = write({ ...HTML, [POLICY]: "default-src 'self'", 'x-frame-options': '' })
  t.equal(target.getHeader(POLICY), "default-src 'self'")
  t.equal(target.getHeader('x-frame-options'), '')
  t.equal(target.getHeader('x-content-type-options'), 'nosniff')
})

t.test('a reply that used no nonce keeps its caching', async (t) => {
  const caching = { 'cache-control': 'public, max-age=60', etag: '"a"', 'last-modified': 'Mon' }
  for (const nonces of [null, new ReplyNonces(pooledNonces(), false)]) {
    const { target, pairs, reported } = write({ ...HTML, ...caching }, nonces)
    t.match(Object.fromEntries(target.headers), caching)
    t.equal(pairs, plan.document.http.pairs)
    t.same(reported, [])
  }
})

t.test('a nonce that was used is in the policy', async (t) => {
  const nonces = usedNonces(t)
  const { target, reported } = write(HTML, nonces)
  t.match(target.getHeader(POLICY), `script-src 'nonce-${nonces.script}' 'strict-dynamic'; style-src 'self' 'nonce-${nonces.script}';`)
  t.same(reported, [])
})

t.test('a reply that used a nonce has no validator', async (t) => {
  const { target } = write({ ...HTML, etag: '"a"', 'last-modified': 'Mon' }, usedNonces(t))
  t.notOk(target.hasHeader('etag'))
  t.notOk(target.hasHeader('last-modified'))
})

const caching: Array<[before: unknown, after: unknown, isReported: boolean]> = [
  [undefined, 'private', false],
  ['no-store', 'no-store', false],
  ['private, max-age=60', 'private, max-age=60', false],
  ['no-cache', 'no-cache', false],
  ['public', 'private', true],
  ['PUBLIC', 'private', true],
  ['max-age=60, public', 'private', true],
  ['max-age=60,public,immutable', 'private', true],
  ['s-maxage=60', 'private', true],
  ['private, s-maxage=60', 'private', true],
  ['S-MaxAge=0', 'private', true],
  [['max-age=60', 'public'], 'private', true],
  ['max-age=60', 'private, max-age=60', false],
  ['max-age=60, must-revalidate', 'private, max-age=60, must-revalidate', false],
  [['max-age=60', 'immutable'], 'private, max-age=60,immutable', false],
  ['private="set-cookie", max-age=60', 'private, private="set-cookie", max-age=60', false],
  ['max-age=60, PRIVATE', 'max-age=60, PRIVATE', false],
  ['', 'private', false],
  ['republic', 'private, republic', false],
  ['public-ish', 'private, public-ish', false]
]

for (const [before, after, isReported] of caching) {
  t.test(`a reply that used a nonce, cache-control ${String(before)}, is for one browser alone`, async (t) => {
    const { target, reported } = write({ ...HTML, ...before === undefined ? {} : { 'cache-control': before } }, usedNonces(t))
    t.equal(target.getHeader('cache-control'), after)
    t.same(reported, isReported ? ['BULWARK_ERR_HEADERS_NONCE_SHARED'] : [])
  })
}

t.test('a reply that used a nonce has no header for shared caches alone', async (t) => {
  const cases: Array<[name: string, value: string, isKept: boolean]> = [
    ['cdn-cache-control', 'max-age=60', false], ['surrogate-control', 'max-age=60', false], ['cdn-cache-control', 'no-store', true], ['cdn-cache-control', 'private', true]
  ]
  for (const [name, value, isKept] of cases) {
    const { target, reported } = write({ ...HTML, 'cache-control': 'no-store', [name]: value }, usedNonces(t))
    t.equal(target.getHeader(name), isKept ? value : undefined, `${name}: ${value}`)
    t.equal(target.getHeader('cache-control'), 'no-store')
    t.same(reported, isKept ? [] : ['BULWARK_ERR_HEADERS_NONCE_SHARED'])
  }
  t.equal(write({ ...HTML, 'cdn-cache-control': 'max-age=60' }, null).target.getHeader('cdn-cache-control'), 'max-age=60', 'one without a nonce keeps it')
})

t.test('a 304 carries no policy, whatever was read', async (t) => {
  for (const nonces of [null, usedNonces(t)]) {
    const { target, pairs } = write({ ...HTML, etag: '"a"' }, nonces, { statusCode: 304 })
    t.equal(pairs, plan.document.http.notModified)
    t.notOk(target.hasHeader(POLICY))
    t.equal(target.getHeader('etag'), '"a"')
    t.notOk(target.hasHeader('cache-control'))
  }
})

t.test('a document whose policy has no place for the nonce is told of', async (t) => {
  const nonces = usedNonces(t)
  const without = planWith({ contentSecurityPolicy: { set: { 'script-src': ["'self'"], 'style-src': ["'self'"] } } })
  t.same(write(HTML, nonces, { of: without }).reported, ['BULWARK_ERR_HEADERS_NONCE_UNPLACED'])
  t.same(write(HTML, nonces, { of: planWith({ contentSecurityPolicy: false }) }).reported, ['BULWARK_ERR_HEADERS_NONCE_UNPLACED'])
  t.equal(write(HTML, nonces, { of: without }).target.getHeader('cache-control'), 'private')
})

t.test('a style nonce of its own is told of where only the fallback for all has a place', async (t) => {
  const of = planWith({ contentSecurityPolicy: { replace: true, set: { 'default-src': ["'self'", "'nonce'"] } } })
  const nonces = new ReplyNonces(pooledNonces(), true)
  t.ok(nonces.script)
  t.same(write(HTML, nonces, { of }).reported, [])
  t.ok(nonces.style)
  const { reported, target } = write(HTML, nonces, { of })
  t.same(reported, ['BULWARK_ERR_HEADERS_NONCE_UNPLACED'])
  t.equal(target.getHeader(POLICY), `default-src 'self' 'nonce-${nonces.script}'`)
})

t.test('a reply that is no document needs no place for the nonce', async (t) => {
  const { target, pairs, reported } = write({ 'content-type': 'application/json' }, usedNonces(t))
  t.same(reported, [])
  t.equal(pairs, plan.nonDocument.http.pairs)
  t.equal(target.getHeader('cache-control'), 'private', 'its body may hold it all the same')
})

t.test('another policy with a place for the nonce gets it', async (t) => {
  const nonces = usedNonces(t)
  const { target } = write({}, nonces, { of: planWith({ nonDocument: { contentSecurityPolicy: { set: { 'script-src': ["'nonce'"] } } } }) })
  t.match(target.getHeader(POLICY), `script-src 'nonce-${nonces.script}'`)
})

t.test('what was written is taken back, and no more', async (t) => {
  const { target, pairs } = write({ ...HTML, 'x-frame-options': 'SAMEORIGIN' }, usedNonces(t))
  target.header('referrer-policy', 'origin')
  target.header('x-mine', '1')
  eraseHeaders(target, pairs)
  t.same(Object.fromEntries(target.headers), { ...HTML, 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'origin', 'x-mine': '1', 'cache-control': 'private' })
})
