import t from 'tap'
import { HOSTILE, allCalls, eventually, inTime, moment, newId } from '../../../../lib/session/conformance/fixtures.ts'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'

t.test('ids are new, and as long as those of the plugin', async (t) => {
  t.match(newId(), /^[\w-]{22}$/)
  t.not(newId(), newId())
})

t.test('the hostile strings differ', async (t) => {
  t.equal(new Set(HOSTILE).size, HOSTILE.length)
})

t.test('every method is called', async (t) => {
  const methods = (object: object): string[] => Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => !/^constructor$|^sweep$|^keepUntil$/.test(name))
  const store = memoryStore()
  const names = [...methods(store), ...methods(store.remember).map((name) => `remember.${name}`)]
  // Forgetting what has ended may be nothing to do.
  t.same(allCalls(store).map(([name]) => name).sort(), names.filter((name) => name !== 'purge').sort())
  for (const [, call] of allCalls(store)) await t.resolves(call())
})

t.test('a moment is time for the clock to go on', async (t) => {
  const before = Date.now()
  await moment()
  t.ok(Date.now() > before)
})

t.test('what took too long for its life is begun again with a longer one', async (t) => {
  const lives: number[] = []
  const life = await inTime(async (life) => {
    lives.push(life)
    if (life < 240) await new Promise((resolve) => setTimeout(resolve, life / 2 + 5))
    return life
  })
  t.same(lives.slice(0, 3), [60, 120, 240])
  t.equal(life, lives.at(-1))
})

t.test('what comes late is waited for, and what never comes is a failure', { timeout: 20_000 }, async (t) => {
  let calls = 0
  await eventually('the third time', async () => ++calls === 3)
  await t.rejects(eventually('the end', async () => false), { message: 'the end: not within five seconds', code: 'ERR_ASSERTION' })
})
