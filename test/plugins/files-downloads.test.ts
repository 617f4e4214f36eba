import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { files, type DownloadOptions, type DownloadSource } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { folder } from './files-world.ts'

interface Sending { readonly source: Uint8Array | ((root: string) => DownloadSource), readonly options?: DownloadOptions }

const plugins = { none: [], before: ['static', 'headers', 'files'], after: ['files', 'headers', 'static'] } as const

async function serve (t: Test, order: readonly string[], { source, options }: Sending): Promise<FastifyInstance> {
  const root = folder(t)
  mkdirSync(join(root, 'in'))
  writeFileSync(join(root, 'in', 'a.txt'), 'hello world')
  writeFileSync(join(root, 'in', 'a.html'), '<script>')
  writeFileSync(join(root, 'in', '.hidden'), 'hidden')
  writeFileSync(join(root, 'secret'), 'secret')
  symlinkSync(join(root, 'secret'), join(root, 'in', 'link'))
  const app = Fastify()
  t.teardown(() => app.close())
  for (const name of order) {
    if (name === 'static') await app.register(fastifyStatic, { root, serve: false, setHeaders: (reply) => reply.header('content-security-policy', 'from static') })
    if (name === 'headers') await app.register(headers)
    if (name === 'files') await app.register(files)
  }
  if (order.length === 0) await app.register(files)
  app.get('/', (_request, reply) => reply.download(typeof source === 'function' ? source(join(root, 'in')) : source, options))
  return app
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'private, no-cache' }
const file = (path: string) => (root: string) => ({ root, path })

const downloads: ReadonlyArray<readonly [what: string, sending: Sending, type: string, disposition: string, body: string]> = [
  ['bytes', { source: Buffer.from('x'), options: { name: 'a.png', type: 'png' } }, 'image/png', 'attachment; filename="a.png"', 'x'],
  ['a view of bytes', { source: new Uint8Array([120]), options: { name: 'a' } }, 'application/octet-stream', 'attachment; filename="a"', 'x'],
  ['a picture, shown', { source: Buffer.from('x'), options: { name: 'a.png', type: 'image/png', inline: true } }, 'image/png', 'inline; filename="a.png"', 'x'],
  ['a page, which is not shown', { source: Buffer.from('x'), options: { name: 'a.html', type: 'text/html', inline: true } }, 'application/octet-stream', 'attachment; filename="a.html"', 'x'],
  ['a drawing, which is not shown', { source: Buffer.from('x'), options: { name: 'a.svg', type: 'svg', inline: true } }, 'application/octet-stream', 'attachment; filename="a.svg"', 'x'],
  ['a type that has a header in it', { source: Buffer.from('x'), options: { type: 'image/png\r\nx: y' } }, 'application/octet-stream', 'attachment; filename="file"', 'x'],
  ['a text of another charset', { source: Buffer.from('x'), options: { type: 'text/plain; charset=utf-7' } }, 'text/plain; charset=utf-8', 'attachment; filename="file"', 'x'],
  ['a stream', { source: () => Readable.from([Buffer.from('x')]), options: { name: 'a.txt', type: 'txt' } }, 'text/plain; charset=utf-8', 'attachment; filename="a.txt"', 'x'],
  ['a file', { source: file('a.txt'), options: { type: 'txt' } }, 'text/plain; charset=utf-8', 'attachment; filename="a.txt"', 'hello world'],
  ['a file that is a page', { source: file('a.html') }, 'application/octet-stream', 'attachment; filename="a.html"', '<script>']
]

for (const [where, order] of Object.entries(plugins)) {
  for (const [what, sending, type, disposition, body] of downloads) {
    t.test(`${what} (${where})`, async (t) => {
      const app = await serve(t, order, sending)
      const reply = await app.inject('/')
      t.match(reply, { statusCode: 200, body, headers: { ...HEADERS, 'content-type': type, 'content-disposition': disposition } })
    })
  }
  t.test(`HEAD of a file tells what GET would (${where})`, async (t) => {
    const app = await serve(t, order, { source: file('a.txt'), options: { type: 'txt' } })
    t.match(await app.inject({ method: 'HEAD', url: '/' }), { statusCode: 200, body: '', headers: { ...HEADERS, 'content-length': '11', 'content-disposition': 'attachment; filename="a.txt"' } })
  })
  for (const path of ['../secret', 'link', '.hidden', 'none', '', '/etc/passwd', 'a.txt\0', '..\\secret', 'x/../../secret', '.', '%2e%2e/secret', 'a.txt/']) {
    t.test(`${JSON.stringify(path)} is not found (${where})`, async (t) => {
      const app = await serve(t, order, { source: file(path) })
      const reply = await app.inject('/')
      t.match(reply.json(), { statusCode: 404, code: 'BULWARK_ERR_FILES_NOT_FOUND' })
      t.notOk('content-disposition' in reply.headers, 'an error is no download')
    })
  }
}

for (const order of [plugins.before, plugins.after]) {
  t.test(`ranges and conditions, with ${order.join(', ')}`, async (t) => {
    const app = await serve(t, order, { source: file('a.txt'), options: { type: 'txt', inline: true } })
    const whole = await app.inject('/')
    t.match(await app.inject({ url: '/', headers: { range: 'bytes=6-' } }), { statusCode: 206, body: 'world', headers: { ...HEADERS, 'content-range': 'bytes 6-10/11', 'content-disposition': 'inline; filename="a.txt"' } })
    t.match(await app.inject({ url: '/', headers: { 'if-none-match': String(whole.headers['etag']) } }), { statusCode: 304, body: '' })
    const beyond = await app.inject({ url: '/', headers: { range: 'bytes=100-' } })
    t.equal(beyond.statusCode, 416)
    t.notOk('content-disposition' in beyond.headers)
  })
}

t.test('a header for caches that was set is kept', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.get('/', (_request, reply) => reply.header('cache-control', 'public, max-age=60').download(Buffer.from('x')))
  t.equal((await app.inject('/')).headers['cache-control'], 'public, max-age=60')
})

const calls: ReadonlyArray<readonly [what: string, source: unknown, options?: unknown]> = [
  ['a path alone, as @fastify/static has it', 'a.txt'],
  ['nothing', undefined],
  ['a path without a folder', { path: 'a.txt' }],
  ['an empty folder', { root: '', path: 'a.txt' }],
  ['an unknown option', Buffer.from('x'), { filename: 'a' }],
  ['an option of the wrong type', Buffer.from('x'), { inline: 'yes' }]
]

for (const [what, source, options] of calls) {
  t.test(`${what} cannot be sent`, async (t) => {
    const app = Fastify()
    await app.register(files)
    app.get('/', (_request, reply) => reply.download(source as DownloadSource, options as DownloadOptions))
    t.match((await app.inject('/')).json(), { statusCode: 500, code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })
  })
}

t.test('a folder that is not there is an error of the program', async (t) => {
  const app = Fastify()
  await app.register(files)
  app.get('/', (_request, reply) => reply.download({ root: '/does/not/exist', path: 'a.txt' }))
  t.equal((await app.inject('/')).statusCode, 500)
})

t.test('a file that cannot be opened does not tell the client where it is', async (t) => {
  const root = folder(t)
  writeFileSync(join(root, 'a.txt'), 'hello')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(files)
  // Between the look at it and its opening.
  app.addHook('onSend', (_request, _reply, payload, next) => {
    rmSync(join(root, 'a.txt'), { force: true })
    next(null, payload)
  })
  app.get('/', (_request, reply) => reply.download({ root, path: 'a.txt' }))
  const reply = await app.inject('/')
  t.match(reply, { statusCode: 500, headers: { 'content-type': /^application\/json/ } })
  t.match(reply.json(), { code: 'BULWARK_ERR_FILES_DOWNLOAD_INVALID' })
  t.notMatch(reply.body, root)
})
