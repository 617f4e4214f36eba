import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { generateKey } from '../../lib/keys.ts'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { f, input } from '../../plugins/input.ts'
import { session } from '../../plugins/session.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'
import { png } from '../lib/files/samples.ts'
import { permutations } from './permutations.ts'
import { listen } from './raw-http.ts'

// A form as sites have it: signed in, with a token, fields and a file. Four plugins work on one body, in parts, over a connection.

const base = mkdtempSync(join(tmpdir(), 'bulwark-test-'))
t.teardown(() => rmSync(base, { recursive: true }))

const left = () => readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

async function nothingLeft (t: Test): Promise<void> {
  for (let tries = 0; left() > 0 && tries < 500; tries++) await sleep(10)
  t.equal(left(), 0, 'no temporary file is left')
}

const steps: Readonly<Record<string, (app: FastifyInstance) => unknown>> = {
  csrf: (app) => app.register(csrf, { origin: 'http://app.test', keys: [generateKey()] }),
  session: (app) => app.register(session, { keys: [generateKey()], cookie: { secure: false } } as never),
  files: (app) => app.register(files, { folder: base, limits: { request: 200_000 } }),
  input: (app) => app.register(input),
  multipart: (app) => app.register(multipart)
}

async function build (order: readonly string[], onFile: () => void): Promise<FastifyInstance> {
  const app = Fastify() as unknown as FastifyInstance
  for (const name of order) await steps[name]!(app)
  app.get('/form', async (request) => {
    await request.session.login('42')
    return request.csrfField()
  })
  app.route({
    method: 'POST',
    url: '/profile',
    config: { security: { csrf: 'token' } },
    schema: { body: Type.Object({ title: f.text({ max: 10 }), avatar: f.file({ types: ['png'], maxSize: 1000 }) }) },
    form: { render: (_request, _reply, form) => `<p>${JSON.stringify([form.errors, form.formErrors, form.raw])}` }
  }, async (request) => {
    onFile()
    if (!request.form.ok) return 'never'
    const { title, avatar } = request.form.values
    return { title, size: avatar.size, there: left() === 1, user: request.session.userId, keys: Object.keys(request.body as object) }
  })
  return app
}

interface Answer { readonly status: number, readonly body: string }

/** A connection that is kept: each request waits for the answer to the one before. */
class Connection {
  readonly #socket: net.Socket
  readonly #cookie: string
  #received = ''

  constructor (port: number, cookie: string) {
    this.#socket = net.connect(port, '127.0.0.1')
    this.#socket.setEncoding('latin1').on('data', (chunk: string) => { this.#received += chunk })
    this.#cookie = cookie
  }

  async post (...parts: FormPart[]): Promise<Answer> {
    const body = formBody(...parts)
    // In one piece: a small second one would wait for the acknowledgement of the first.
    this.#socket.write(Buffer.concat([Buffer.from(`POST /profile HTTP/1.1\r\nHost: app.test\r\nCookie: ${this.#cookie}\r\nAccept: text/html\r\nContent-Type: ${CONTENT_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n`), body]))
    for (;;) {
      const [head, rest] = this.#received.split('\r\n\r\n', 2)
      const length = Number(/content-length: (\d+)/i.exec(head!)?.[1])
      if (rest !== undefined && rest.length >= length) {
        this.#received = this.#received.slice(head!.length + 4 + length)
        return { status: Number(head!.split(' ')[1]), body: rest.slice(0, length) }
      }
      await once(this.#socket, 'data')
    }
  }

  close (): void {
    this.#socket.destroy()
  }
}

const orders = permutations(['csrf', 'session', 'files', 'input']).map((order, index) => order.toSpliced(index % 5, 0, 'multipart'))

for (const order of orders) {
  t.test(order.join(', '), async (t) => {
    let handled = 0
    const app = await build(order, () => { handled++ })
    const port = await listen(t, app)
    const page = await app.inject('/form')
    const value = /value="([^"]+)"/.exec(page.body)![1]!
    const connection = new Connection(port, [page.headers['set-cookie']].flat().map((line) => String(line).split(';')[0]).join('; '))
    t.teardown(() => connection.close())
    const token = { name: '_csrf', data: value }
    const title = { name: 'title', data: ' x ' }
    const avatar = { name: 'avatar', filename: 'a.png', data: png() }

    t.same(JSON.parse((await connection.post(token, title, avatar)).body), { title: 'x', size: png().length, there: true, user: '42', keys: ['title', 'avatar'] }, 'a good token')
    t.equal(handled, 1)
    // It is taken away behind the reply.
    await nothingLeft(t)
    const refusals: ReadonlyArray<readonly [what: string, parts: FormPart[]]> = [
      ['no token', [title, avatar]],
      ['a forged one', [{ ...token, data: `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}` }, title, avatar]],
      ['a good one that is not the first part', [title, token, avatar]],
      ['a good one behind the file', [avatar, title, token]],
      ['no token, and a body that is too large', [title, { ...avatar, data: Buffer.alloc(300_000) }]]
    ]
    for (const [what, parts] of refusals) {
      t.match(await connection.post(...parts), { status: 403 }, what)
      t.equal(left(), 0, 'and no file was begun')
    }
    t.match(await connection.post(token, title, { ...avatar, data: 'MZ\0' }), { status: 422, body: /"avatar":\["[^"]+"\].*"title":"x"/ }, 'what is wrong with the file is on the page')
    t.match(await connection.post(token, title, { ...avatar, data: Buffer.alloc(2000) }), { status: 413, body: /"avatar":\["Choose a file of at most 1 kB\."\].*"title":"x"/ }, 'a file that is too large')
    t.match(await connection.post(token, title, { ...avatar, data: Buffer.alloc(300_000) }), { status: 413, body: /"avatar":\["Choose a file of at most 1 kB\."\].*"title":"x"/ }, 'a body that is too large')
    t.match(await connection.post(token, title, avatar), { status: 200 }, 'the same connection goes on')
    t.equal(handled, 2)
    await nothingLeft(t)
  })
}
