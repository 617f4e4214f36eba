import t from 'tap'
import { redisStore, redisStoreDefaults } from '../../../../lib/session/stores/redis.ts'

// What it does is shown on real servers with real clients, in test/services/redis-store.test.ts.

const calls: string[] = []
const client = { evalsha: async (_sha: string, _count: number, key: string) => { calls.push(key) }, eval: async () => {} }

t.test('it is durable, and its keys are in one slot of a cluster', async (t) => {
  const store = redisStore(client)
  t.equal(store.isDurable, true)
  await store.seen('a', 1)
  await redisStore(client, { prefix: 'shop:2' }).remember.revoke('a')
  t.same(calls, ['{bulwark}:', '{shop:2}:'])
  t.same(redisStoreDefaults, { prefix: 'bulwark' })
})

t.test('a wrong option is refused', async (t) => {
  const expected = /^redisStore\.prefix: expected a string of 1 to 64 letters, digits and `-\._:`, received /
  const cases: [title: string, options: object, message: RegExp][] = [
    ['an empty prefix', { prefix: '' }, expected],
    ['a prefix with a hash tag', { prefix: '{a}' }, expected],
    ['a prefix with a line break', { prefix: 'a\n' }, expected],
    ['a long prefix', { prefix: 'a'.repeat(65) }, expected],
    ['a number', { prefix: 1 }, /^redisStore\.prefix: expected /],
    ['a name that is misspelt', { prefx: 'a' }, /Did you mean `prefix`\?/]
  ]
  for (const [title, options, message] of cases) t.throws(() => redisStore(client, options), { code: 'BULWARK_ERR_SESSION_STORE_INVALID', message }, title)
})

t.test('what is no client is refused', async (t) => {
  t.throws(() => redisStore({} as never), { code: 'BULWARK_ERR_SESSION_STORE_INVALID', message: /^redisStore\(client\): expected a client/ })
})

t.test('what is no number is no answer: it would read as "not revoked"', async (t) => {
  for (const answer of ['QUEUED', null, undefined, {}, 'OK']) {
    const store = redisStore({ evalsha: async () => answer, eval: async () => answer })
    await t.rejects(store.isRevoked({ sid: 'a', userId: 'b', issuedAt: 1 }), RangeError, String(answer))
  }
  t.equal(await redisStore({ evalsha: async () => Buffer.from('1'), eval: async () => 0 }).isRevoked({ sid: 'a', issuedAt: 1 }), true, 'bytes are a number')
})
