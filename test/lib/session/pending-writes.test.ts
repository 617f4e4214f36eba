import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { PendingWrites } from '../../../lib/session/pending-writes.ts'

function setting (limit = 10) {
  const done: number[] = []
  const log: string[] = []
  const store = { isUp: false }
  const writes = new PendingWrites(limit, (count) => done.push(count))
  const write = (name: string) => async (): Promise<boolean> => {
    log.push(name)
    return store.isUp
  }
  return { done, log, store, writes, write }
}

t.test('what is owed is tried in order, again and again, until it is in force', async (t) => {
  const { done, log, store, writes, write } = setting()
  for (const name of ['a', 'b', 'c']) t.ok(writes.add(name, write(name)))
  await writes.flush()
  t.same(log, ['a'], 'the others wait behind the one that failed')
  t.equal(writes.size, 3)
  t.same(['a', 'd'].map((name) => writes.has(name)), [true, false])
  store.isUp = true
  await Promise.all([writes.flush(), writes.flush()])
  t.same(log, ['a', 'a', 'b', 'c'], 'once, although two asked for it')
  t.same([writes.size, done], [0, [3]])
  await writes.flush()
  t.same(done, [3], 'nothing owed, nothing told')
})

t.test('it tries on its own', async (t) => {
  const { done, store, writes, write } = setting()
  writes.add('a', write('a'))
  await sleep(300)
  t.equal(writes.size, 1)
  store.isUp = true
  for (let attempt = 0; attempt < 100 && writes.size > 0; attempt++) await sleep(50)
  t.same([writes.size, done], [0, [1]])
})

t.test('it is bounded, and a newer write takes the place of an older one', async (t) => {
  const { log, store, writes, write } = setting(2)
  t.ok(writes.add('a', write('old')))
  t.ok(writes.add('b', write('b')))
  t.notOk(writes.add('c', write('c')))
  t.ok(writes.add('a', write('new')))
  store.isUp = true
  await writes.flush()
  t.same(log, ['b', 'new'])
})

t.test('a write that comes while an older one is under way is not lost', async (t) => {
  const { log, store, writes, write } = setting()
  store.isUp = true
  writes.add('a', async () => {
    writes.add('a', write('newer'))
    return true
  })
  await writes.flush()
  t.same([log, writes.size], [['newer'], 0])
})

t.test('when the application closes, there is a last attempt', async (t) => {
  const up = setting()
  up.writes.add('a', up.write('a'))
  up.store.isUp = true
  t.equal(await up.writes.close(), 0)
  t.same(up.log, ['a'])
  const down = setting()
  down.writes.add('a', down.write('a'))
  t.equal(await down.writes.close(), 1, 'and what is lost is told')
  t.equal(down.writes.size, 0)
  t.equal(await setting().writes.close(), 0)
})
