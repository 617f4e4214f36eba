import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { kForm, kKind, RequestHooks, type FormRequest } from '../../lib/input/request-hooks.ts'
import { RoutePlan } from '../../lib/input/route-plan.ts'
import { resolveSettings } from '../../lib/input/settings.ts'
import { files } from '../../plugins/files.ts'
import { f, html, input } from '../../plugins/input.ts'
import { growthOf } from './heap.ts'
import { formBody, jsonBody, LARGE, OPTIONS, pick, random, Schema, TEXTS, TYPES } from './hostile-bodies.ts'
import { importPlugin } from './untyped-plugin.ts'

// 100,000 requests that nobody means well by. Most go through the hooks that read a body, without a server around them; a part of them goes
// through a whole application, and some over a socket. How long they hold the event loop is measured by `node test/bench/hostile.mjs`.

const BATCHES = 3
/** Requests in each of the batches, and to warm up. */
const THROUGH_HOOKS = 23_500
const THROUGH_APPLICATION = 1500
/** Bytes by which the heap may grow with each request: whatever stays of one has more, the hooks being measured more finely. */
const BYTES = { hooks: 24, application: 300 }

t.test('through the hooks', async (t) => {
  const settings = resolveSettings({})
  const plan = new RoutePlan({ method: 'POST', url: '/', schema: { body: Schema }, form: OPTIONS }, Schema, settings, false)
  plan.compile({})
  const hooks = new RequestHooks(plan, settings)
  const outcomes = new Map<string, number>()
  const growth = await growthOf(THROUGH_HOOKS, BATCHES, async (index) => {
    const type = random() < 0.8 ? TYPES[index % 2]! : pick(TYPES)
    const request: FormRequest = { headers: { 'content-type': type }, log: { info: () => {} }, body: index % 2 === 0 ? jsonBody() : formBody(), [kForm]: null, [kKind]: null }
    let failure: (Error & { statusCode?: number }) | undefined
    hooks.gate(request, null, (error) => { failure = error })
    if (failure === undefined) hooks.read(request, null as never, (error) => { failure = error })
    const form = request[kForm]?.form
    if (form !== undefined && !form.ok) {
      const answer = JSON.stringify([form.errors, form.formErrors, form.raw])
      if (answer.length > 1_000_000) throw new Error('The answer is larger than what was sent.')
      for (const { key } of form.faults) outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    }
    const status = failure?.statusCode ?? (form!.ok ? 200 : 422)
    outcomes.set(String(status), (outcomes.get(String(status)) ?? 0) + 1)
    if (index % 500 === 0) await wait(0)
  })
  t.ok(growth < BYTES.hooks, `the heap grows by ${growth.toFixed(1)} bytes a request`)
  t.same([...outcomes.keys()].filter((key) => /^\d+$/.test(key)).sort().filter((status) => !['200', '400', '415', '422'].includes(status)), [])
  for (const key of ['400', '415', '422', 'required', 'integer', 'email', 'maxLength', 'characters', 'unknown', 'equalTo', 'list', 'object']) t.ok((outcomes.get(key) ?? 0) > 0, `some end in ${key}`)
  t.notOk('polluted' in {})
})

/** How many listeners everything has that outlives a request. */
function listeners (...emitters: NodeJS.EventEmitter[]): number {
  return emitters.reduce((sum, emitter) => sum + emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0), 0)
}

/** Parts of a form with files, some of them no parts, and cut off anywhere. */
function multipartBody (): Buffer {
  const parts = Array.from({ length: Math.floor(random() * 5) }, () => `--x\r\ncontent-disposition: form-data; name="${pick(['avatar', 'name', '__proto__', '', 'x".y'])}"${random() < 0.6 ? `; filename="${pick(['a.png', '../a', 'con', '', 'a.png\0.js'])}"` : ''}\r\n${random() < 0.3 ? 'content-type: image/png\r\n' : ''}\r\n${pick(['\x89PNG\r\n\x1a\n', 'GIF89a', ...TEXTS])}\r\n`)
  const bytes = Buffer.from(`${parts.join('')}${random() < 0.8 ? '--x--\r\n' : ''}`, 'latin1')
  return random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
}

t.test('through a whole application', async (t) => {
  const folder = t.testdir()
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(await importPlugin('@fastify/multipart'))
  await app.register(files, { folder })
  await app.register(input)
  let isLeaking = false
  const kept: object[] = []
  app.addHook('onRequest', async (request) => { if (isLeaking) kept.push(request) })
  app.route({ method: ['GET', 'POST'], url: '/', schema: { body: Schema, querystring: Type.Object({ page: Type.Optional(f.integer()) }) }, form: { ...OPTIONS, checkForm: async () => undefined, render: (_request: unknown, _reply: unknown, form: { raw: object }) => html`<p>${Object.entries(form.raw).map(([name, text]) => html`<b title="${name}">${text as string}</b>`)}</p>` } as object, handler: () => 'ok' })
  app.post('/files', { schema: { body: Type.Object({ name: Type.Optional(f.text()), avatar: Type.Optional(f.file({ types: ['png'], maxSize: 1000 })) }) }, form: { accepts: ['form'] } }, () => 'ok')
  await app.ready()
  const statuses = new Set<number>()
  const send = async (index: number): Promise<void> => {
    const isFile = index % 10 === 9
    const type = isFile ? 'multipart/form-data; boundary=x' : index % 2 === 0 ? 'application/json' : 'application/x-www-form-urlencoded'
    const text = index % 2 === 0 ? JSON.stringify(jsonBody()) ?? '' : new URLSearchParams(Object.entries(formBody()).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, String(each)]))).toString()
    // Cut, doubled, with bytes that are no UTF-8, or as it is.
    const bytes = isFile ? multipartBody() : Buffer.from(text)
    if (random() < 0.1 && bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = 0xff
    const payload = random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
    const reply = await app.inject({ method: 'POST', url: isFile ? '/files' : random() < 0.9 ? '/' : `/?page=${encodeURIComponent(Buffer.from(pick(TEXTS).slice(0, 100)).toString())}`, payload, headers: { 'content-type': random() < 0.9 ? type : pick(TYPES).trim() || 'x', accept: pick(['text/html', 'application/json', '*/*', '', ';;,q=']) } })
    statuses.add(reply.statusCode)
    if (reply.body.includes('<script>')) t.fail('what was sent came back unescaped')
  }
  const before = listeners(app.server, process)
  const growth = await growthOf(THROUGH_APPLICATION, BATCHES, send)
  t.ok(growth < BYTES.application, `the heap grows by ${growth.toFixed(1)} bytes a request`)
  t.equal(listeners(app.server, process), before, 'no listener stays')
  t.same(readdirSync(folder).flatMap((name) => readdirSync(`${folder}/${name}`)), [], 'no file stays')
  t.same([...statuses].filter((status) => ![200, 400, 413, 415, 422].includes(status)), [])
  t.ok(statuses.has(422) && statuses.has(400))
  for (const [what, type, payload] of LARGE) {
    const { statusCode } = await app.inject({ method: 'POST', url: '/', payload: payload(), headers: { 'content-type': type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded' } })
    t.ok([400, 413, 422].includes(statusCode), `${what}: ${statusCode}`)
  }
  t.equal((await app.inject({ method: 'POST', url: '/', payload: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } })).statusCode, 413)

  isLeaking = true
  const leak = await growthOf(200, BATCHES, async () => await app.inject({ method: 'POST', url: '/', payload: '{}', headers: { 'content-type': 'application/json' } }))
  t.ok(kept.length > 0 && leak > BYTES.application, `a request that stays behind is noticed: ${leak.toFixed(1)} bytes`)
})

t.test('over a socket: byte by byte, and broken off', async (t) => {
  const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /^TCP|^Timeout/.test(name)).sort()
  const before = open()
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input)
  let handled = 0
  app.post('/', { schema: { body: Type.Object({ a: f.text() }) } }, () => { handled++; return 'ok' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n'
  for (let at = 0; at < 40; at++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`${head}content-length: 40\r\n\r\n${'a='.padEnd(at, 'x').slice(0, at)}`)
    await wait(1)
    socket.destroy()
  }
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let answer = ''
  socket.on('data', (text: string) => { answer += text })
  await once(socket, 'connect')
  socket.write(`${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n`)
  for (const byte of 'a=hello') {
    socket.write(`1\r\n${byte}\r\n`)
    await wait(1)
  }
  socket.write('0\r\n\r\n')
  await once(socket, 'close')
  t.match(answer, 'HTTP/1.1 200')
  t.equal(handled, 1, 'none that broke off reached the handler')
  await app.close()
  await wait(1)
  t.same(open(), before, 'no socket and no timer stays')
})
