import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { kForm, kKind, RequestHooks, type FormRequest } from '../../lib/input/request-hooks.ts'
import { RoutePlan } from '../../lib/input/route-plan.ts'
import { resolveSettings } from '../../lib/input/settings.ts'
import { equalTo, f, html, input } from '../../plugins/input.ts'

// 100,000 requests that nobody means well by. Most go through the hooks that read a body, without a server around them; a part of them goes
// through a whole application, and some over a socket.

const THROUGH_HOOKS = 94_000
const THROUGH_APPLICATION = 6000

const Schema = Type.Object({
  name: f.username(),
  email: f.email(),
  password: f.secret(),
  again: f.secret(),
  age: Type.Optional(f.integer()),
  price: f.decimal(),
  text: f.text({ multiline: true }),
  news: f.checkbox(),
  tags: f.list(f.text()),
  items: f.list(Type.Object({ n: f.text(), c: f.integer() })),
  either: Type.Union([Type.Object({ k: Type.Literal('a'), x: f.text() }), f.integer()]),
  record: Type.Optional(Type.Record(Type.String(), f.text()))
})
const OPTIONS = { check: { again: equalTo('password') }, filters: { email: (email: string) => email.toLowerCase() } }

/** A generator of numbers that is the same in every run (mulberry32). */
function numbers (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const random = numbers(7)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!

const NAMES = [
  'name', 'email', 'password', 'again', 'age', 'price', 'text', 'news', 'tags', 'tags.0', 'items', 'items.0.n', 'items.0.c', 'items.99999.n', 'items.-1.n', 'either', 'either.k', 'either.x', 'record.__proto__', 'record.a', '__proto__', 'constructor',
  'constructor.prototype.x', 'prototype', 'toString', 'hasOwnProperty', '', '.', '..', 'a[]', 'a[b]', '\0', '\ufffd', '\ud800', '_csrf', 'x'.repeat(5000), `${'a.'.repeat(500)}b`
]
const TEXTS = [
  '', ' ', 'anna', 'a@b.co', '1', '-1', '1e999', '0x10', '1.5', '9'.repeat(400), 'true', 'on', 'null', 'NaN', '\0', '\r\n', '\u202e', '\ud800', '\ufffd', '\u{1f600}'.repeat(50), 'e\u0301', '\u0316'.repeat(5000), "' OR '1'='1", '<script>', '{{7*7}}', '../../etc/passwd',
  'a'.repeat(20_000), `a@${'a.'.repeat(2000)}`, '--', '{}', '[object Object]', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'javascript:alert(1)', 'x'.repeat(130)
]
const WHOLES: ReadonlyArray<() => unknown> = [
  () => null, () => undefined, () => 3, () => 'text', () => true, () => [], () => Array(2000).fill(1), () => [[[[[[[[[[[[1]]]]]]]]]]]],
  () => Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index])), () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as unknown
]

function value (depth: number): unknown {
  const kind = random()
  if (kind < 0.55) return pick(TEXTS)
  if (kind < 0.7) return pick([0, -0, 1, 1.5, 1e308, -1e308, 2 ** 53, null, true, false])
  if (depth > 9) return 1
  if (kind < 0.85) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1))
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 4) }, () => [pick(NAMES), value(depth + 1)]))
}

function jsonBody (): unknown {
  if (random() < 0.05) return pick(WHOLES)()
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 14) }, () => [pick(NAMES), value(1)]))
}

function formBody (): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 14) }, () => [pick(NAMES), random() < 0.9 ? pick(TEXTS) : [pick(TEXTS), pick(TEXTS)]]))
}

const TYPES = [
  'application/json', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'application/json; charset=utf-16', 'application/json; charset=utf-7', 'text/plain', 'text/html', 'multipart/form-data; boundary=x', 'application/xml',
  'APPLICATION/JSON', 'application/json\t', ' application/json', 'application/json;', 'application/json,text/plain', '', ';', 'application', 'application/x-www-form-urlencoded; charset="utf-8"', 'application/vnd.x+json', '/'
]

t.test('through the hooks', async (t) => {
  const settings = resolveSettings({})
  const plan = new RoutePlan({ method: 'POST', url: '/', schema: { body: Schema }, form: OPTIONS }, Schema, settings, false)
  plan.compile({})
  const hooks = new RequestHooks(plan, settings)
  const outcomes = new Map<string, number>()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  for (let index = 0; index < THROUGH_HOOKS; index++) {
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
  }
  delay.disable()
  t.same([...outcomes.keys()].filter((key) => /^\d+$/.test(key)).sort().filter((status) => !['200', '400', '415', '422'].includes(status)), [])
  for (const key of ['400', '415', '422', 'required', 'integer', 'email', 'maxLength', 'characters', 'unknown', 'equalTo', 'list', 'object']) t.ok((outcomes.get(key) ?? 0) > 0, `some end in ${key}`)
  t.notOk('polluted' in {})
  t.comment(`longest pause of the event loop with 500 requests at a time: ${Math.round(delay.max / 1e6)} ms`)
})

t.test('through a whole application', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input)
  app.route({ method: ['GET', 'POST'], url: '/', schema: { body: Schema, querystring: Type.Object({ page: Type.Optional(f.integer()) }) }, form: { ...OPTIONS, render: (_request, _reply, form) => html`<p>${Object.entries(form.raw).map(([name, text]) => html`<b title="${name}">${text}</b>`)}</p>` } }, () => 'ok')
  const statuses = new Set<number>()
  for (let index = 0; index < THROUGH_APPLICATION; index++) {
    const type = index % 2 === 0 ? 'application/json' : 'application/x-www-form-urlencoded'
    const text = index % 2 === 0 ? JSON.stringify(jsonBody()) ?? '' : new URLSearchParams(Object.entries(formBody()).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, String(each)]))).toString()
    // Cut, doubled, with bytes that are no UTF-8, or as it is.
    const bytes = Buffer.from(text)
    if (random() < 0.1 && bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = 0xff
    const payload = random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
    const reply = await app.inject({ method: 'POST', url: random() < 0.9 ? '/' : `/?page=${encodeURIComponent(Buffer.from(pick(TEXTS).slice(0, 100)).toString())}`, payload, headers: { 'content-type': random() < 0.9 ? type : pick(TYPES).trim() || 'x', accept: pick(['text/html', 'application/json', '*/*', '', ';;,q=']) } })
    statuses.add(reply.statusCode)
    if (reply.body.includes('<script>')) t.fail('what was sent came back unescaped')
  }
  t.same([...statuses].filter((status) => ![200, 400, 413, 415, 422].includes(status)), [])
  t.ok(statuses.has(422) && statuses.has(400))
  for (const [payload, type] of [['['.repeat(10_000) + ']'.repeat(10_000), 'application/json'], [Array.from({ length: 100_000 }, (_, index) => `k${index}=`).join('&'), 'application/x-www-form-urlencoded'], [`a=${'%'.repeat(100_000)}`, 'application/x-www-form-urlencoded'], [`{${'"a":{'.repeat(9999)}`, 'application/json']] as const) {
    t.ok([400, 422].includes((await app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': type } })).statusCode))
  }
  t.equal((await app.inject({ method: 'POST', url: '/', payload: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } })).statusCode, 413)
})

t.test('over a socket: byte by byte, and broken off', async (t) => {
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
})
