import t from 'tap'
import { postgresNames } from '../../../../lib/session/stores/postgres-names.ts'
import { tablesSql } from '../../../../lib/session/stores/postgres-tables.ts'

// What they do is shown on a real server, in test/services. Here is what can be read in them.

const sql = tablesSql(postgresNames('app', 'web_'))

t.test('every table has its schema', async (t) => {
  for (const [, table] of sql.replace(/--.*/g, '').matchAll(/(?:(?<!distinct|epoch) from|insert into|[^or] update|table if not exists) ([\w".]+)/g)) {
    t.match(table, /^(?:"app"\.|set$)/)
  }
})

t.test('every function looks for names in pg_catalog alone', async (t) => {
  const functions = sql.match(/create or replace function/g)!.length
  t.equal(functions, 8)
  t.equal(sql.match(/set search_path = pg_catalog as/g)!.length, functions)
  t.notMatch(sql, /security definer/)
})

t.test('every row that ends can be found by its end', async (t) => {
  for (const column of ['expires_at', 'until', 'kept_until']) t.match(sql, new RegExp(`create index [^;]+ on "app"\\."web_[a-z]+" \\(${column}\\);`))
})
