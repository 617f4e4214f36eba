import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import fastifyStatic from '@fastify/static'
import t from 'tap'
import { cookiesOf, secured } from '../whole.ts'
import { besides, HEADERS } from './beside.ts'

// Known friction: a length that is that of the text before it was compressed, a Vary that is lost, streams, and what BREACH reads from a compressed page.

const folder = new URL('../../../../docs/examples/integrity/public/', import.meta.url)
const FILLING = `<p>${'secret '.repeat(400)}</p>`

besides(t, (app) => app.register(compress, { threshold: 0 }), async (t, app) => {
  await app.register(fastifyStatic, { root: folder, prefix: '/public/' })
  app.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>${FILLING}`))
  app.get('/form', (request, reply) => reply.type('text/html').send(request.csrfField() + FILLING))
  app.post('/form', () => 'sent')
  app.get('/stream', (request, reply) => reply.type('text/html').send(Readable.from([`<script nonce="${request.cspNonce}"></script>`, FILLING])))
  app.get('/download', (_request, reply) => reply.download(Buffer.from(FILLING), { name: 'a.txt', type: 'txt' }))
  app.get('/go', (_request, reply) => reply.safeRedirect('/'))
  const ask = async (url: string, headers: Record<string, string> = {}) => await app.inject(secured({ url, headers: { 'accept-encoding': 'gzip', ...headers } }))

  for (const url of ['/', '/stream']) {
    const reply = await ask(url)
    const [, nonce] = /nonce="([\w-]{22})"/.exec(gunzipSync(reply.rawPayload).toString())!
    t.match(reply.headers, { ...HEADERS, 'content-encoding': 'gzip', 'content-security-policy': `'nonce-${nonce!}'`, vary: /accept-encoding/i }, url)
    t.ok(reply.headers['content-length'] === undefined || Number(reply.headers['content-length']) === reply.rawPayload.length, `${url}: no length that is wrong`)
  }

  const pages = [await ask('/form')]
  const cookie = cookiesOf(pages[0]!)
  pages.push(await ask('/form', { cookie }))
  const tokens = pages.map(({ rawPayload }) => /value="([\w-]{86})"/.exec(gunzipSync(rawPayload).toString())![1]!)
  t.not(tokens[0], tokens[1], 'the token of one visitor looks different on each page, so that its compressed length tells nothing')
  for (const token of tokens) t.equal((await app.inject(secured({ method: 'POST', url: '/form', headers: { origin: 'null', cookie, 'x-csrf-token': token } }))).body, 'sent')
  t.match(pages[0]!.headers.vary, /cookie/i)

  const file = await ask('/public/app.js')
  t.equal(app.integrity('/public/app.js'), `sha384-${createHash('sha384').update(file.headers['content-encoding'] === 'gzip' ? gunzipSync(file.rawPayload) : file.rawPayload).digest('base64')}`, 'integrity is that of what a browser has unpacked')
  t.same(file.headers['content-encoding'] === 'gzip' ? gunzipSync(file.rawPayload) : file.rawPayload, readFileSync(new URL('app.js', folder)))

  const download = await ask('/download')
  t.match(download.headers, { ...HEADERS, 'content-security-policy': "default-src 'none'; sandbox", 'content-disposition': 'attachment; filename="a.txt"' })
  t.equal(gunzipSync(download.rawPayload).toString(), FILLING)
  t.notOk('content-length' in download.headers && Number(download.headers['content-length']) !== download.rawPayload.length)
  t.match(await ask('/go'), { statusCode: 302, headers: { location: 'https://app.test/' } })
  t.match((await ask('/nowhere')).headers, HEADERS)
})
