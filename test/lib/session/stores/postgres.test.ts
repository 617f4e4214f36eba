import t from 'tap'
import { postgresStore, postgresStoreDefaults, postgresTables } from '../../../../lib/session/stores/postgres.ts'

// What it does is shown on a real server, in test/services/postgres-store.test.ts.

const statements: string[] = []
const pool = {
  async query (text: string) {
    statements.push(text)
    return { rows: [] }
  }
}

t.test('it is durable, and every method is one statement', async (t) => {
  const store = postgresStore(pool)
  t.equal(store.isDurable, true)
  await store.seen('a', 1)
  await store.revoke('a', 1)
  await store.purge()
  t.equal(statements.length, 3)
  t.same(postgresStoreDefaults, { schema: 'public', prefix: 'bulwark_' })
})

t.test('createTables runs the SQL that can be had as text', async (t) => {
  await postgresStore(pool, { schema: 'app' }).createTables()
  t.ok(statements.at(-1)!.endsWith(postgresTables({ schema: 'app' })))
  t.match(statements.at(-1)!, /^select pg_advisory_xact_lock\([^;]+;\n/)
})

t.test('a wrong option is refused, and so nothing has to be escaped', async (t) => {
  const bad = ['', 'A', '1a', 'a b', 'a"; drop table users; --', 'a.b', 'ä', 'a\n', 'a'.repeat(41), '$$', '%s']
  for (const name of bad) {
    for (const option of ['schema', 'prefix']) {
      t.throws(() => postgresStore(pool, { [option]: name }), {
        code: 'BULWARK_ERR_SESSION_STORE_INVALID', message: `postgresStore.${option}: expected a string of 1 to 40 small letters, digits and \`_\`, which does not begin with a digit, received a string of length ${name.length}.`
      })
      t.throws(() => postgresTables({ [option]: name }), { code: 'BULWARK_ERR_SESSION_STORE_INVALID' })
    }
  }
  t.throws(() => postgresStore(pool, { table: 'a' } as never), { code: 'BULWARK_ERR_SESSION_STORE_INVALID', message: /^postgresStore\.table: expected a known name/ })
})

t.test('what is no pool is refused', async (t) => {
  for (const wrong of [undefined, null, {}, 'postgres://localhost', { query: 'select' }]) {
    t.throws(() => postgresStore(wrong as never), { code: 'BULWARK_ERR_SESSION_STORE_INVALID', message: /^postgresStore\(pool\): expected a pool of the package pg, received / })
  }
})
