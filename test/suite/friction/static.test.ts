import { createHash } from 'node:crypto'
import fastifyStatic from '@fastify/static'
import t from 'tap'
import { secured } from '../whole.ts'
import { besides, HEADERS } from './beside.ts'

// Known friction: files without the headers of the application, a 304 with a policy that a stored page does not have, Cache-Control that one writes over the other.

const root = new URL('../../../../docs/examples/integrity/public/', import.meta.url)

besides(t, (app) => app.register(fastifyStatic, { root, prefix: '/public/', maxAge: 60_000 }), async (t, app) => {
  app.get('/download', (_request, reply) => reply.download({ root: root.pathname, path: 'app.js' }))
  const ask = async (url: string, headers: Record<string, string> = {}) => await app.inject(secured({ url, headers }))

  const script = await ask('/public/app.js')
  t.match(script, { statusCode: 200, headers: { ...HEADERS, 'cache-control': 'public, max-age=60', 'cross-origin-resource-policy': 'same-origin' } })
  t.equal(app.integrity('/public/app.js'), `sha384-${createHash('sha384').update(script.rawPayload).digest('base64')}`)
  t.notOk('set-cookie' in script.headers)

  const page = await ask('/public/index.html')
  t.match(page, { statusCode: 200, headers: { ...HEADERS, 'content-security-policy': "script-src 'self'" } }, 'a page from the disk has a policy without a nonce')
  const again = await ask('/public/index.html', { 'if-none-match': String(page.headers['etag']) })
  t.match(again, { statusCode: 304, body: '' })
  t.notMatch(again.headers['content-security-policy'], 'nonce', 'a 304 changes nothing of the page that a browser has')

  t.match(await ask('/public/app.js', { range: 'bytes=0-3' }), { statusCode: 206, headers: { ...HEADERS, 'content-length': '4' } })
  t.match(await ask('/public/nothing.js'), { statusCode: 404, headers: HEADERS })
  t.match(await ask('/public/..%2f..%2fheaders.md'), { statusCode: /40[034]/, headers: { 'x-content-type-options': 'nosniff' } })
  t.match(await ask('/download', { range: 'bytes=0-3' }), { statusCode: 206, headers: { 'content-disposition': 'attachment; filename="app.js"', 'content-security-policy': "default-src 'none'; sandbox" } })
})
