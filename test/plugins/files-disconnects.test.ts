import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { files } from '../../plugins/files.ts'
import { CONTENT_TYPE, formBody } from '../lib/files/form-body.ts'
import { build, folder, nothingLeft, text } from './files-world.ts'

async function address (app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0 })
  return (app.server.address() as AddressInfo).port
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${CONTENT_TYPE}\r\nContent-Length: ${length}\r\n\r\n`

t.test('a client that goes at any place leaves no file and nothing open', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } })
  const port = await address(app)
  const bytes = Buffer.concat([Buffer.from(head(formBody(text(), { name: 'title', data: 'x' }).length)), formBody(text(), { name: 'title', data: 'x' })])
  for (let size = 0; size < bytes.length; size += 10) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(bytes.subarray(0, size))
    await sleep(2)
    socket.destroy()
  }
  const connections = promisify(app.server.getConnections.bind(app.server))
  while (await connections() > 0) await sleep(10)
  await nothingLeft(t, path)
})

t.test('a client that goes while its file is on the disk leaves nothing of it', async (t) => {
  const path = folder(t)
  const app = await build(t, { options: { folder: path } })
  const port = await address(app)
  const body = formBody(text(Buffer.alloc(900_000, 'a')))
  const begun = () => readdirSync(path, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile())
  for (const size of [300_000, 600_000, 900_000]) {
    const socket = connect(port, '127.0.0.1')
    socket.write(head(body.length))
    socket.write(body.subarray(0, size))
    while (!begun()) await sleep(1)
    socket.destroy()
    await nothingLeft(t, path)
  }
})

t.test('a file is refused with the chunk that is too much, whether or not another one comes', async (t) => {
  const app = await build(t, { fields: { file: { types: ['txt'], maxSize: 1000 } } })
  const port = await address(app)
  const body = formBody(text(Buffer.alloc(900_000, 'a')))
  const socket = connect(port, '127.0.0.1')
  socket.write(head(body.length))
  socket.write(body.subarray(0, 2000))
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 413 [\s\S]*BULWARK_ERR_FILES_TOO_LARGE/)
  socket.destroy()
})

for (const [what, declared] of [['says its length', true], ['does not', false]] as const) {
  t.test(`a client that ${what} is told of the limit, and its connection serves the next request`, async (t) => {
    const app = await build(t, { fields: { file: { types: ['txt'], maxSize: 1000 } }, limits: { request: 100_000 } })
    const port = await address(app)
    const body = formBody(text(Buffer.alloc(2_000_000, 'a')))
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => { answer += text })
    if (declared) {
      socket.write(head(body.length))
      socket.write(body)
    } else {
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${CONTENT_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`)
      socket.write(body)
      socket.write('\r\n0\r\n\r\n')
    }
    const small = formBody(text())
    socket.write(head(small.length))
    socket.write(small)
    while (!answer.includes('HTTP/1.1 200')) await once(socket, 'data')
    t.match(answer, /^HTTP\/1\.1 413 [\s\S]*BULWARK_ERR_FILES_TOO_LARGE[\s\S]*HTTP\/1\.1 200 /)
    socket.destroy()
  })
}

t.test('closing the application takes the folder away', async (t) => {
  const path = folder(t)
  const app = Fastify()
  await app.register(files, { folder: path })
  await app.ready()
  t.equal(readdirSync(path).length, 1)
  await app.close()
  t.same(readdirSync(path), [])
})
