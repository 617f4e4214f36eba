import t from 'tap'
import { SessionEvents, type SessionEvent } from '../../../lib/session/events.ts'
import { Clock } from './fixture.ts'

function setting (onEvent?: (event: SessionEvent) => void) {
  const clock = new Clock()
  const told: SessionEvent[] = []
  const lines: Array<[string, object, string]> = []
  const line = (level: string) => (detail: object, message: string): void => { lines.push([level, detail, message]) }
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  return { clock, told, lines, events: new SessionEvents(Buffer.alloc(32, 'salt'), log, onEvent ?? ((event) => told.push(event)), clock.now) }
}

t.test('ASVS 16.2.5: an event goes to the log and to the application, with hashes in the place of ids', async (t) => {
  const { events, told, lines, clock } = setting()
  events.tell('session_created', { sid: 'sid-in-clear', userId: 'user-in-clear' })
  events.tell('session_store_up')
  t.match(told[0], { name: 'session_created', level: 'info', at: clock.time, session: /^[\w-]{16}$/, user: /^[\w-]{16}$/ })
  t.same(told[1], { name: 'session_store_up', level: 'info', at: clock.time })
  t.same(lines.map(([level, , message]) => [level, message]), [['info', 'session_created'], ['info', 'session_store_up']])
  t.notMatch(JSON.stringify([told, lines]), 'in-clear')
  t.ok(Object.isFrozen(told[0]))
  events.tell('session_expired', { sid: 'sid-in-clear', userId: 'sid-in-clear', reason: 'idle', count: 2 })
  t.equal(told[2]!.session, told[0]!.session, 'the same id has the same hash')
  t.not(told[2]!.user, told[2]!.session, 'a user is no session')
  t.match(told[2], { reason: 'idle', count: 2 })
})

t.test('what a stranger can cause is told 60 times a minute, and then how often it was not', async (t) => {
  const { events, told, clock } = setting()
  for (let index = 0; index < 100; index++) events.tell('session_cookie_refused', { reason: 'forged' })
  for (let index = 0; index < 100; index++) events.tell('session_created', { sid: 'a' })
  t.equal(told.filter(({ name }) => name === 'session_cookie_refused').length, 60)
  t.equal(told.filter(({ name }) => name === 'session_created').length, 100, 'a login is never left out')
  clock.pass(60)
  events.tell('session_cookie_refused')
  t.match(told.at(-1), { name: 'session_cookie_refused', suppressed: 40 })
  events.tell('session_cookie_refused')
  t.notOk('suppressed' in told.at(-1)!)
  clock.pass(-3600)
  events.tell('session_cookie_refused')
  t.equal(told.at(-1)!.at, clock.time, 'a clock that was set back silences nobody')
})

t.test('an application that throws is no fault of the session', async (t) => {
  for (const onEvent of [() => { throw new Error('mine') }, async () => { throw new Error('mine') }]) {
    const { events, lines } = setting(onEvent)
    events.tell('session_store_down')
    await new Promise((resolve) => setImmediate(resolve))
    t.same(lines.map(([level, , message]) => [level, message]), [['error', 'session_store_down'], ['error', '`onEvent` of the session plugin failed']])
  }
})
