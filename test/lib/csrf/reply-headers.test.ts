import t from 'tap'
import { settleChecked, settleIssued, type ReplyHeaders } from '../../../lib/csrf/reply-headers.ts'

function reply (headers: Record<string, unknown> = {}): ReplyHeaders & { headers: Record<string, unknown> } {
  return {
    headers,
    getHeader: (name) => headers[name],
    header: (name, value) => { headers[name] = name === 'set-cookie' && headers[name] !== undefined ? [headers[name], value].flat() : value },
    removeHeader: (name) => { delete headers[name] }
  }
}

t.test('a new cookie is set beside others, once', async (t) => {
  const target = reply({ 'set-cookie': 'a=1', etag: '"1"', 'last-modified': 'x' })
  for (let round = 0; round < 2; round++) settleIssued(target, { binding: ['cookie', 'a'], token: 'a', cookie: 'b=2' })
  t.same(target.headers, { 'set-cookie': ['a=1', 'b=2'], 'cache-control': 'private, no-cache', vary: 'Cookie' })
})

t.test('without a new cookie none is set', async (t) => {
  const target = reply()
  settleIssued(target, { binding: ['session', 'a'], token: 'a', cookie: undefined })
  t.same(target.headers, { 'cache-control': 'private, no-cache', vary: 'Cookie' })
})

t.test('Vary is for what a cache may keep', async (t) => {
  for (const method of ['GET', 'HEAD', 'QUERY']) {
    const target = reply()
    settleChecked(target, method)
    t.same(target.headers, { vary: 'Sec-Fetch-Site, Origin, Referer, Cookie' }, method)
  }
  const target = reply()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) settleChecked(target, method)
  t.same(target.headers, {})
})
