import { spawnSync } from 'node:child_process'
import { connect as ioredis } from '../../../docs/examples/stores/ioredis.ts'
import { build } from '../../../docs/examples/stores/memory.ts'
import { connect as nodeRedis } from '../../../docs/examples/stores/node-redis.ts'
import { measured } from '../../../docs/examples/stores/own-store.ts'
import { connect as postgres } from '../../../docs/examples/stores/postgres.ts'
import { isRevoked, recordOf } from '../../../lib/session/conformance/fixtures.ts'
import type { SessionStore } from '../../../lib/session/store.ts'
import { connectionOf, skip as skipPostgres, startPostgres } from '../../services/postgres-server.ts'
import { skip as skipRedis, startRedis } from '../../services/redis-server.ts'
import { examplesOf } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('stores')

/** That a session which was admitted can be ended. */
async function endsSessions (store: SessionStore): Promise<boolean> {
  const record = recordOf('42')
  await store.admit(record)
  const before = await isRevoked(store, record)
  await store.revoke(record.sid, record.expiresAt)
  return !before && await isRevoked(store, record)
}

show('memory.ts', async (t) => {
  t.ok(await endsSessions(build()))
})

for (const [file, connect] of [['ioredis.ts', ioredis], ['node-redis.ts', nodeRedis]] as const) {
  show(file, async (t) => {
    await t.test('on a real server', { skip: skipRedis }, async (t) => {
      const server = await startRedis()
      t.teardown(() => server.close())
      const { store, close } = await connect(`redis://127.0.0.1:${server.port}`)
      t.teardown(close)
      t.ok(await endsSessions(store))
    })
  })
}

show('postgres.ts', async (t) => {
  await t.test('on a real server', { skip: skipPostgres }, async (t) => {
    const server = await startPostgres()
    t.teardown(() => server.close())
    const { store, close } = await postgres(connectionOf(server))
    t.teardown(close)
    t.ok(await endsSessions(store))
  })
})

show('own-store.ts', async (t) => {
  const calls: string[] = []
  t.ok(await endsSessions(measured(build(), (method) => calls.push(method))))
  t.same(calls, ['admit', 'isRevoked', 'revoke', 'isRevoked'])
})

show('run-kit.ts', async (t) => {
  // A runner of tests tells its children by this variable, which changes what they print.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout, status } = spawnSync(process.execPath, [compiled('run-kit.js')], { encoding: 'utf8', env })
  t.equal(status, 0)
  t.match(stdout, /pass [789]\d\n/)
})

nothingLeftOut()
