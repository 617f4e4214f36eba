import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { testSessionStore } from '../../lib/session/conformance.ts'
import { HOUR, newId, recordOf } from '../../lib/session/conformance/fixtures.ts'
import { postgresStore, type PostgresStoreOptions } from '../../lib/session/stores/postgres.ts'
import { connectionOf, skip, startPostgres } from './postgres-server.ts'
import { dumped, killedUnderLoad, seenByOthers, suspended, type Connect } from './shared-cases.ts'

t.test('PostgreSQL', { skip }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  const poolOf = (settings: pg.PoolConfig = {}): pg.Pool => {
    const pool = new pg.Pool({ ...connectionOf(server), ...settings })
    // Without a listener the loss of an idle connection ends the process.
    return pool.on('error', () => {})
  }
  const connect: Connect = async () => {
    const pool = poolOf()
    return { store: postgresStore(pool), close: () => pool.end() }
  }
  const admin = poolOf({ max: 2 })
  t.teardown(() => admin.end())

  await t.test('many processes create the tables at the same moment, and again', async (t) => {
    const pools = Array.from({ length: 10 }, () => poolOf({ max: 1 }))
    t.teardown(() => Promise.all(pools.map((pool) => pool.end())))
    await Promise.all(pools.map((pool) => postgresStore(pool).createTables()))
    await postgresStore(admin).admit(recordOf('kept'))
    await postgresStore(admin).createTables()
    t.equal(await postgresStore(admin).count('kept'), 1, 'what is there stays')
  })

  await t.test('conformance', async (t) => {
    const pools = new WeakMap<object, pg.Pool>()
    const cases = testSessionStore({
      name: 'pg',
      create () {
        const pool = poolOf()
        const store = postgresStore(pool)
        pools.set(store, pool)
        return store
      },
      disconnect: (store) => pools.get(store)!.end(),
      async dispose (store) {
        const pool = pools.get(store)!
        if (!pool.ended) await pool.end()
      }
    })
    for (const { title, run } of cases) await t.test(title, run)
  })

  const TABLES = ['sessions', 'denials', 'cutoffs', 'series']
  const dump = async (): Promise<string> => {
    const rows = await Promise.all(TABLES.map((table) => admin.query(`select * from bulwark_${table}`)))
    return JSON.stringify(rows.map((result) => result.rows as unknown[]))
  }

  await t.test('when all has ended, purge leaves nothing', async (t) => {
    const options: PostgresStoreOptions = { prefix: 'brief_' }
    const store = postgresStore(admin, options)
    await store.createTables()
    for (let number = 0; number < 20; number++) {
      const userId = newId()
      const soon = Date.now() + 200
      const series = newId()
      await store.remember.create({ series, userId, label: '' }, { idleMs: 200, maxAgeMs: 200 })
      const records = [1, 2, 3].map(() => recordOf(userId, { expiresAt: soon, series }))
      for (const record of records) await store.admit(record, { max: 2, policy: 'evict-oldest' })
      await store.replace(records[2]!.sid, recordOf(userId, { expiresAt: soon, series }))
      await store.revokeUser(userId, { at: 1, until: soon })
      if (number % 2 === 0) await store.remember.revokeUser(userId)
    }
    const sizes = async (): Promise<number[]> => await Promise.all(TABLES.map(async (table) =>
      Number((await admin.query<{ count: string }>(`select count(*) from brief_${table}`)).rows[0]!.count)))
    t.ok((await sizes()).every((size) => size > 0), 'all tables were used')
    await wait(400)
    await Promise.all([store.purge(), store.purge()])
    await store.purge()
    t.same(await sizes(), [0, 0, 0, 0])
  })

  await t.test('tables in another schema, for an account that may not create any', async (t) => {
    await admin.query('create schema app; create role web login; grant usage on schema app to web')
    const options: PostgresStoreOptions = { schema: 'app', prefix: 'web_' }
    await postgresStore(admin, options).createTables()
    await admin.query('grant select, insert, update, delete on all tables in schema app to web')
    const pool = poolOf({ user: 'web' })
    t.teardown(() => pool.end())
    await t.rejects(pool.query('create table app.more (id int)'), { code: '42501' })
    const store = postgresStore(pool, options)
    for (const { title, run } of testSessionStore({ name: 'web', create: () => store })) await t.test(title, run)
    const names = (await admin.query<{ name: string }>("select relname as name from pg_class where relnamespace = 'app'::regnamespace")).rows
    t.ok(names.every(({ name }) => name.startsWith('web_')), 'it has no other names')
  })

  await t.test('another isolation level is refused, since the limits would not hold in it', async (t) => {
    for (const level of ['repeatable read', 'serializable']) {
      const pool = poolOf({ options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}` })
      t.teardown(() => pool.end())
      const store = postgresStore(pool)
      await t.rejects(store.admit(recordOf(newId())), { message: 'the session store needs the isolation level "read committed"' })
      await t.rejects(store.revokeUser('u', { at: 1, until: Date.now() + HOUR }), { message: 'the session store needs the isolation level "read committed"' })
    }
  })

  await t.test('two stores see what the other did', (t) => seenByOthers(t, [connect, connect]))
  await t.test('the rows give nobody a cookie', (t) => dumped(t, connect, dump))
  await t.test('SIGSTOP', (t) => suspended(t, server, connect))
  await t.test('SIGKILL under load', (t) => killedUnderLoad(t, server, connect))
})
