import pg from 'pg'
import t from 'tap'
import { find, findAll, findUnsafe, search, sorted } from '../../docs/examples/input/sql-postgres.ts'
import { connectionOf, skip, startPostgres } from './postgres-server.ts'

// The statements of docs/sql.md against a real PostgreSQL.

t.test('SQL on PostgreSQL', { skip }, async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.close())
  const pool = new pg.Pool(connectionOf(server))
  t.teardown(() => pool.end())
  await pool.query('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created_at DATE)')
  for (const [index, name] of ['anna', 'bob', '100%', "O'Neil", '; DROP TABLE users; --'].entries()) {
    await pool.query({ text: 'INSERT INTO users VALUES ($1, $2, $3)', values: [index + 1, name, `2026-01-0${5 - index}`] })
  }
  const names = (rows: unknown[]): string[] => (rows as Array<{ name: string }>).map(({ name }) => name)

  const injections = ["' OR '1'='1", "' OR 1=1 --", "'; DROP TABLE users; --", "' UNION SELECT 1, current_user --", "\\' OR 1=1 --", "x'||(SELECT version())||'"]
  t.equal((await findUnsafe(pool, injections[0]!)).length, 5, 'the injection of the article succeeds where the name is a part of the statement')
  for (const injection of injections) t.same(await find(pool, injection), [], `and fails as a parameter: ${injection}`)
  t.same(names(await find(pool, "O'Neil")), ["O'Neil"], 'what looks like one is a name')
  t.same(names(await find(pool, '; DROP TABLE users; --')), ['; DROP TABLE users; --'])

  t.same(names(await sorted(pool, 'newest'))[0], '; DROP TABLE users; --', 'the oldest date comes first')
  await t.rejects(sorted(pool, 'name; DROP TABLE users'), { code: 'BULWARK_ERR_INPUT_IDENTIFIER_REFUSED' })
  await t.rejects(sorted(pool, 'constructor'), { code: 'BULWARK_ERR_INPUT_IDENTIFIER_REFUSED' })

  t.same(names(await search(pool, '%')), ['100%'])
  t.same(await search(pool, '_'), [])
  t.same(await search(pool, '\\'), [])
  t.same(names(await findAll(pool, [1, 3])), ['anna', '100%'])
  t.same(await findAll(pool, []), [])
  t.equal((await pool.query('SELECT count(*)::int AS count FROM users')).rows[0].count, 5, 'nothing was dropped')
})
