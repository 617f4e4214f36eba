import t from 'tap'
import { Endings } from '../../../lib/session/endings.ts'
import { Clock } from './fixture.ts'

const HOUR = 3_600_000

function setting (confirmed: number = 1000) {
  const clock = new Clock()
  return { clock, endings: new Endings({ absolute: HOUR, confirmed, now: clock.now }) }
}

t.test('a session is denied until the store is sure to say so, until a time that is said, or to its end where there is no store', async (t) => {
  for (const [confirmed, until, left] of [[1000, undefined, 1], [1000, 5000, 5], [Infinity, undefined, HOUR / 1000]] as const) {
    const { clock, endings } = setting(confirmed)
    const query = { sid: 'a', userId: '42', issuedAt: clock.time }
    t.notOk(endings.isDenied(query))
    endings.deny(query, until && clock.time + until)
    clock.pass(left - 0.001)
    t.ok(endings.isDenied(query), `${left} seconds`)
    clock.pass(0.001)
    t.notOk(endings.isDenied(query))
  }
})

t.test('of sessions without a user, the oldest is forgotten: strangers fill nothing', async (t) => {
  const { endings, clock } = setting()
  for (let index = 0; index <= 10_000; index++) endings.deny({ sid: `s${index}`, issuedAt: clock.time })
  t.notOk(endings.isDenied({ sid: 's0', issuedAt: clock.time }))
  t.ok(endings.isDenied({ sid: 's1', issuedAt: clock.time }))
})

t.test('an id is superseded for a minute', async (t) => {
  const { endings, clock } = setting()
  endings.supersede('a')
  clock.pass(59)
  t.ok(endings.isSuperseded('a'))
  t.notOk(endings.isSuperseded('b'))
  clock.pass(1)
  t.notOk(endings.isSuperseded('a'))
})

t.test('a cut-off ends what began up to it, but for the exempted session under whatever id', async (t) => {
  const { endings, clock } = setting()
  const query = (sid: string) => ({ sid, userId: '42', issuedAt: clock.time })
  t.equal(endings.earliest('42'), 0)
  endings.cutOff('42', { at: clock.time, until: clock.time + HOUR, except: 'a' })
  t.equal(endings.earliest('42'), clock.time + 1)
  t.same(['a', 'b', 'c'].map((sid) => endings.isDenied(query(sid))), [false, true, true])
  endings.moveExemption('42', 'a', 'b')
  t.same(['a', 'b', 'c'].map((sid) => endings.isDenied(query(sid))), [true, false, true])
  t.notOk(endings.isDenied({ ...query('c'), issuedAt: endings.earliest('42') }))
})

t.test('a device that ended takes its sessions along, and is superseded', async (t) => {
  const { endings, clock } = setting()
  const query = { sid: 'a', userId: '42', issuedAt: clock.time, series: 'device' }
  endings.denySeries('device')
  t.ok(endings.isSeriesDenied('device'))
  t.ok(endings.isSuperseded('device'))
  t.ok(endings.isDenied(query))
  clock.pass(1)
  t.notOk(endings.isDenied(query), 'until the store says so itself')
  endings.denySeries('device', clock.time + 5000)
  clock.pass(4)
  t.ok(endings.isSeriesDenied('device'))
})
