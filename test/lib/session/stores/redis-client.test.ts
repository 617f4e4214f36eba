import t from 'tap'
import { scriptRunner, type RedisClient } from '../../../../lib/session/stores/redis-client.ts'

// Real clients on a real server are in test/services. Here is how each of the two is called.

/** A server that knows no script, as each of the two clients shows it. */
function clientsOf (fail: (call: string) => Error | undefined) {
  const calls: unknown[] = []
  const answer = async (...call: unknown[]): Promise<string> => {
    calls.push(call)
    const error = fail(String(call[0]))
    if (error !== undefined) throw error
    return 'answer'
  }
  const ioredis = { evalsha: (...rest: unknown[]) => answer('evalsha', ...rest), eval: (...rest: unknown[]) => answer('eval', ...rest) }
  const nodeRedis = { evalSha: (...rest: unknown[]) => answer('evalSha', ...rest), eval: (...rest: unknown[]) => answer('eval', ...rest) }
  return { calls, clients: [ioredis, nodeRedis] as RedisClient[] }
}

t.test('the script is called by its name, and sent when the server does not know it', async (t) => {
  const { calls, clients } = clientsOf((call) => call === 'eval' ? undefined : new Error('NOSCRIPT No matching script.'))
  const script = { text: 'text', sha: 'sha' }
  for (const client of clients) t.equal(await scriptRunner(client, 'key')(script, ['a', 'b']), 'answer')
  t.same(calls, [
    ['evalsha', 'sha', 1, 'key', 'a', 'b'], ['eval', 'text', 1, 'key', 'a', 'b'],
    ['evalSha', 'sha', { keys: ['key'], arguments: ['a', 'b'] }], ['eval', 'text', { keys: ['key'], arguments: ['a', 'b'] }]
  ])
})

t.test('any other error is the caller\'s, and the script is not run twice', async (t) => {
  for (const message of ['LOADING Redis is loading', 'ERR NOSCRIPT']) {
    const { calls, clients } = clientsOf(() => new Error(message))
    for (const client of clients) await t.rejects(scriptRunner(client, 'key')({ text: '', sha: '' }, []), { message })
    t.equal(calls.length, 2)
  }
})

t.test('what is no client is refused', async (t) => {
  const noop = (): void => {}
  for (const client of [undefined, null, {}, { eval: noop }, { evalsha: noop }, { evalSha: noop }, 'redis://localhost', noop]) {
    t.throws(() => scriptRunner(client as unknown as RedisClient, 'key'), {
      code: 'BULWARK_ERR_SESSION_STORE_INVALID', message: /^redisStore\(client\): expected a client of the package ioredis or redis, received /
    })
  }
})
