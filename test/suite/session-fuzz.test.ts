import { createHash } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Session } from '../../lib/session/session.ts'
import { generateKey, session, type SessionEvent } from '../../plugins/session.ts'
import { cookieOf, KEYS, Reply, settingOf } from '../lib/session/fixture.ts'

// 200,000 mutated cookies: none opens a session, each is told and cleared, and nothing throws.

const MUTANTS = 200_000
const NAME = '__Host-session'

/** Numbers that are the same at every run, so that what fails can be found again. */
function numbers (seed: string): (limit: number) => number {
  let pool = Buffer.alloc(0)
  let round = 0
  return (limit) => {
    if (pool.length < 4) pool = createHash('sha512').update(`${seed} ${round++}`).digest()
    const value = pool.readUInt32LE(0) % limit
    pool = pool.subarray(4)
    return value
  }
}

t.test('mutated cookies', async (t) => {
  const setting = await settingOf()
  const { sealer, flashSealer } = setting.scope.context
  const other = (await settingOf({ keys: [generateKey()] })).scope.context.sealer
  const valuesOf = async (userId: string): Promise<string> => {
    const state = setting.open()
    await new Session(state).login(userId, { label: 'a device' })
    new Session(state).set('cart', [1, 2, 3])
    const reply = new Reply()
    state.settle(reply)
    return reply.cookie!.slice(NAME.length + 1)
  }
  const values = await Promise.all(['42', '7', 'x'.repeat(100)].map(valuesOf))
  const envelope = setting.open(`${NAME}=${values[0]!}`).envelope!
  t.ok(envelope)
  const pick = numbers('session')
  const parts = values.map((value) => value.split('.') as [string, string])
  const payloads: Array<() => unknown> = [
    () => null, () => 1, () => [], () => 'x', () => ({}), () => ({ ...envelope, v: pick(9) + 2 }), () => ({ ...envelope, sid: 'x'.repeat(pick(30)) + '!' }), () => ({ ...envelope, iat: String(envelope.iat) }),
    () => ({ ...envelope, seen: -pick(1000) - 1 }), () => ({ ...envelope, iat: setting.clock.time + 61_000 + pick(1e6) }), () => ({ ...envelope, iat: 0 }), () => ({ ...envelope, d: [pick(9)] }), () => ({ ...envelope, uid: pick(99) }), () => ({ ...envelope, fresh: pick(2) })
  ]
  const value = (): string => values[pick(values.length)]!
  const mutations: Array<(text: string) => string> = [
    // A bit of a byte of the ciphertext or of the nonce.
    (text) => {
      const [cipher, nonce] = text.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
      const target = pick(2) === 0 ? cipher : nonce
      const at = pick(target.length)
      target[at] = target[at]! ^ (1 << pick(8))
      return `${cipher.toString('base64url')}.${nonce.toString('base64url')}`
    },
    (text) => text.slice(0, pick(text.length)),
    (text) => text.slice(pick(text.length - 1) + 1),
    (text) => `${text}${'AZ09-_.=%;'[pick(9)]!.repeat(pick(40) + 1)}`,
    (text) => `${'AZ09-_.=%'[pick(9)]!.repeat(pick(40) + 1)}${text}`,
    (text) => { const at = pick(text.length); return `${text.slice(0, at)}${String.fromCharCode(33 + pick(90)).replace(';', '!')}${text.slice(at)}` },
    (text) => { const at = pick(text.length); const character = 'Aa0-_.'[pick(6)]!; return text[at] === character ? `${text}A` : `${text.slice(0, at)}${character}${text.slice(at + 1)}` },
    // The parts of two that are good.
    () => { const first = pick(parts.length); return `${parts[first]![0]}.${parts[(first + 1) % parts.length]![1]}` },
    (text) => text.split('.').reverse().join('.'),
    () => flashSealer.seal(envelope),
    () => other.seal(envelope),
    () => sealer.seal(payloads[pick(payloads.length)]!() as object),
    (text) => `${text}; ${NAME}=${value()}`,
    () => Buffer.from(Array.from({ length: pick(300) }, () => pick(256))).toString('base64url'),
    () => 'A'.repeat(pick(20_000)),
    () => ''
  ]
  let opened = 0
  let kept = 0
  for (let index = 0; index < MUTANTS; index++) {
    const mutant = mutations[index % mutations.length]!(value())
    if (values.includes(mutant)) continue
    const state = setting.open(`a=1; ${NAME}=${mutant}`)
    state.touch()
    const reply = new Reply()
    state.settle(reply)
    if (state.envelope !== undefined || new Session(state).userId !== undefined) {
      opened++
      t.comment(`opened: mutation ${index % mutations.length}: ${mutant.slice(0, 200)}`)
    }
    if (reply.cookies.length !== 1 || !reply.cookies[0]!.includes('Max-Age=0')) kept++
  }
  t.equal(opened, 0, 'none is a session')
  t.equal(kept, 0, 'each is cleared')
  const told = setting.events.filter(({ name }) => name === 'session_cookie_refused' || name === 'session_expired')
  t.ok(told.length >= 60, 'and told, up to the limit of a minute')
  for (const good of values) t.ok(setting.open(`${NAME}=${good}`).envelope, 'those that are good still are')
})

t.test('the same through a server, among other things that a client sends', async (t) => {
  const events: SessionEvent[] = []
  const app = Fastify({ logger: false }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(session, { keys: KEYS, onEvent: (event) => events.push(event) })
  app.get('/login', async (request) => { await request.session.login('42'); request.session.flash('notice', 'x'); return '' })
  app.get('/', async (request) => ({ user: request.session.userId ?? null, flash: request.session.flash('notice') ?? null }))
  const cookie = cookieOf((await app.inject('/login')).headers['set-cookie'])!
  const pick = numbers('server')
  const statuses = new Map<number, number>()
  let opened = 0
  for (let index = 0; index < 3000; index++) {
    const at = pick(cookie.length)
    const header = index % 3 === 0
      ? `${cookie.slice(0, at)}${String.fromCharCode(pick(94) + 33)}${cookie.slice(at + 1)}`
      : index % 3 === 1 ? cookie.slice(0, at) : Array.from({ length: pick(60) }, () => `${'__Host-session;= ,"'.slice(0, pick(18))}${String.fromCharCode(pick(223) + 32)}`).join('')
    if (header === cookie) continue
    const reply = await app.inject({ url: '/', headers: { cookie: header } })
    statuses.set(reply.statusCode, (statuses.get(reply.statusCode) ?? 0) + 1)
    // A cookie whose flash was touched alone still has a good session.
    if (reply.statusCode === 200 && reply.json().user !== null && !header.includes(cookie.split('; ')[0]!)) opened++
  }
  t.same([...statuses.keys()], [200])
  t.equal(opened, 0)
  t.ok(events.length > 0)
})
