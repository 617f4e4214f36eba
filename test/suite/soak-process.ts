import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { build, type Log } from './soak-application.ts'
import { Visitor, type Reply, type Sent } from './soak-visitor.ts'

// The program of the soak: node --expose-gc soak-process.js <folder for uploads>. It prints what it saw, and ends by itself when nothing is left open.

const BATCHES = 10
const WORKERS = 8
const EACH = 375
const VISITORS = 5
const ABORTS = 20

/** What is handed to the test. */
export interface Soak {
  /** How often each action ended with each status; `aborted` and `refused by node` among them. */
  readonly statuses: Record<string, Record<string, number>>
  /** Bytes of the heap after each batch, collected. */
  readonly heap: number[]
  /** Files in the folder for uploads after each batch, and what is there at the end. */
  readonly files: string[]
  readonly left: string[]
  readonly requests: number
  readonly log: Log
  /** Unhandled rejections, uncaught exceptions, and warnings of the process. */
  readonly faults: string[]
  readonly handlesBefore: string[]
  readonly handlesAfter: string[]
}

const folder = process.argv[2]!
const collect = (globalThis as { gc?: () => void }).gc!
const faults: string[] = []
for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(event, (fault: unknown) => {
    faults.push(`${event}: ${(fault as Error)?.stack ?? String(fault)}`)
    // Where the report is never written, it is all that is known.
    console.error(faults.at(-1))
  })
}

// Ten seconds pass with each request: sessions end of age, devices wake up, and what is denied is forgotten again, so that the heap comes to rest.
let clock = Date.now()
const log: Log = { errors: [], lines: 0 }
const statuses: Record<string, Record<string, number>> = {}
let requests = 0

function count (action: string, outcome: number | string): void {
  const outcomes = statuses[action] ??= {}
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

async function readHeap (): Promise<number> {
  for (let pass = 0; pass < 4; pass++) {
    collect()
    await turn()
  }
  return process.memoryUsage().heapUsed
}

const handlesBefore = process.getActiveResourcesInfo()
const app = await build(folder, () => clock, log)
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo
const agent = new Agent({ keepAlive: true, maxSockets: WORKERS })

async function inject ({ method, url, headers, payload }: Sent): Promise<Reply> {
  const reply = await app.inject({ method, url, headers, ...payload !== undefined && { payload } } as InjectOptions)
  return { status: reply.statusCode, headers: reply.headers, body: reply.body }
}

/** A reply, or why there is none: what Node itself refuses to send, and a connection that the server ended. */
function throughSocket ({ method, url, headers, payload }: Sent): Promise<Reply | string> {
  return new Promise((resolve) => {
    try {
      const request = httpRequest({ agent, port, host: '127.0.0.1', method, path: url, headers: { 'content-length': String(payload?.length ?? 0), ...headers } }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => { body += text })
        response.on('error', () => resolve('broken off'))
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
      })
      request.on('error', () => resolve('broken off'))
      request.on('upgrade', (_response, socket) => {
        socket.destroy()
        resolve('upgraded')
      })
      request.setTimeout(5000, () => request.destroy())
      request.end(payload)
    } catch {
      resolve('not sent by node')
    }
  })
}

async function work (visitors: readonly Visitor[]): Promise<void> {
  for (let index = 0; index < EACH; index++) {
    const visitor = visitors[index % visitors.length]!
    const [action, request] = visitor.next()
    clock += 10_000
    requests++
    const reply = visitor.isThroughSocket ? await throughSocket(request) : await inject(request)
    count(action, typeof reply === 'string' ? reply : reply.status)
    if (typeof reply !== 'string') visitor.receive(reply)
  }
}

/** Requests that end in the middle: of their head, of a form, of an upload. */
async function abort (index: number): Promise<void> {
  requests++
  const head = 'Host: app.test\r\nX-Forwarded-Proto: https\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 9000\r\n'
  const texts = [
    'GET / HTTP/1.1\r\nHost: a',
    `POST /login HTTP/1.1\r\n${head}Content-Type: application/x-www-form-urlencoded\r\n\r\nuser=a`,
    `POST /avatar HTTP/1.1\r\n${head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\n\r\n\x89PNG${'x'.repeat(3000)}`,
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    `GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-Proto: https\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`
  ]
  const socket = connect(port, '127.0.0.1').on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(texts[index % texts.length]!, 'latin1')
  await wait(2)
  socket.destroy()
  count('abort', 'aborted')
}

const heap: number[] = []
const files: string[] = []
const workers = Array.from({ length: WORKERS }, (_, worker) => Array.from({ length: VISITORS }, (_, visitor) => new Visitor(1 + worker * VISITORS + visitor)))
for (let batch = 0; batch < BATCHES; batch++) {
  await Promise.all([...workers.map(work), ...Array.from({ length: ABORTS }, (_, index) => wait(20 * index).then(() => abort(index)))])
  // What is taken away behind a reply is given a moment.
  for (let patience = 100; patience > 0 && (await uploads()).length > 0; patience--) await wait(20)
  files.push(...await uploads())
  heap.push(await readHeap())
}

async function uploads (): Promise<string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name)
}

agent.destroy()
await app.close()
await turn()
const handlesAfter = process.getActiveResourcesInfo()
const report: Soak = { statuses, heap, files, left: await readdir(folder), requests, log, faults, handlesBefore, handlesAfter }
process.stdout.write(JSON.stringify(report))
