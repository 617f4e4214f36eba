import pg from 'pg'
import t from 'tap'
import { testSessionStore } from '../../lib/session/conformance.ts'
import { postgresStore } from '../../lib/session/stores/postgres.ts'
import { connectionOf, skip, startPostgres } from './postgres-server.ts'

t.test('PostgreSQL', { skip }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  const pool = new pg.Pool(connectionOf(server))
  t.teardown(() => pool.end())
  await postgresStore(pool).createTables()

  await t.test('conformance', async (t) => {
    const cases = testSessionStore({ name: 'pg', create: () => postgresStore(pool) })
    for (const { title, run } of cases) await t.test(title, run)
  })
})
