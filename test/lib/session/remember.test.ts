import t from 'tap'
import { Session } from '../../../lib/session/session.ts'
import { FaultyStore } from './faulty-store.ts'
import { Clock, Reply, settingOf, type Setting } from './fixture.ts'

// The whole table of faults is in test/suite/remember-faults.test.ts.

const NAME = '__Host-remember'

async function remembered (): Promise<Setting & { store: FaultyStore, token: string }> {
  const clock = new Clock()
  const store = new FaultyStore(clock.now)
  const setting = await settingOf({ store }, clock)
  const state = setting.open()
  await new Session(state).login('42', { remember: true, label: 'Firefox' })
  const reply = new Reply()
  state.settle(reply)
  setting.events.length = 0
  store.calls.length = 0
  return { ...setting, store, token: reply.cookie!.split('; ').find((cookie) => cookie.startsWith(NAME))! }
}

t.test('a device is woken up once, and only where nobody is signed in', async (t) => {
  const { scope, open, store, token } = await remembered()
  const remember = scope.context.remember!
  for (const [header, isPresented] of [[undefined, false], ['a=b', false], [token, true], [`a=b; ${token}`, true]] as const) t.equal(remember.isPresented(header), isPresented)
  const state = open(token)
  t.ok(state.isAsleep)
  await remember.wake(state)
  t.match(state.envelope, { uid: '42', label: 'Firefox', fresh: false, rid: token.split('.')[2] })
  t.notOk(state.isAsleep)
  await remember.wake(state)
  t.equal(store.countOf('rotate'), 1)
  const anonymous = open('a=b')
  await remember.wake(anonymous)
  t.equal(anonymous.envelope, undefined)
  const hidden = open(token)
  hidden.isSuspended = true
  await remember.wake(hidden)
  t.equal(hidden.envelope, undefined, 'a session that cannot be verified is not replaced')
})

t.test('a device that ends between the question and the answer is not woken up', async (t) => {
  const { scope, open, store, token, events } = await remembered()
  const series = token.split('.')[2]!
  const { remember } = store
  Object.defineProperty(store, 'remember', {
    value: {
      ...remember,
      rotate: async (...given: Parameters<typeof remember.rotate>) => {
        const rotation = await remember.rotate(...given)
        await scope.context.authority.endSeries(series)
        return rotation
      }
    }
  })
  const state = open(token)
  await scope.context.remember!.wake(state)
  t.equal(state.envelope, undefined)
  t.same(events, [])
})

t.test('a session that ended while it was made is not shown', async (t) => {
  const { scope, open, store, token } = await remembered()
  const { admit } = store
  store.admit = async (record, limit) => {
    await scope.context.authority.end({ sid: record.sid, userId: record.userId, issuedAt: record.createdAt })
    return await admit(record, limit)
  }
  const state = open(token)
  await scope.context.remember!.wake(state)
  t.equal(state.envelope, undefined)
})

t.test('what cannot even be noted for later is told', async (t) => {
  const { scope, open, store, token } = await remembered()
  store.state = 'down'
  for (let index = 0; index < 10_000; index++) await scope.sessions.revoke(`s${index}`)
  const state = open(token)
  await t.rejects(new Session(state).logout(), { code: 'BULWARK_ERR_SESSION_STORE_DOWN' })
  const reply = new Reply()
  state.settle(reply)
  t.match(reply.cookies.find((text) => text.startsWith(NAME)), 'Max-Age=0')
  store.state = 'up'
  const copy = open(token)
  await scope.context.remember!.wake(copy)
  t.equal(copy.envelope, undefined, 'it ended in this process all the same')
  store.state = 'down'
  t.equal(await scope.context.authority.forgetUser('42'), false)
  await scope.context.authority.close()
})
