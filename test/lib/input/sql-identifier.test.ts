import t from 'tap'
import { likePattern, sqlIdentifier } from '../../../lib/input/sql-identifier.ts'

t.test('names on the list are quoted, others refused', async (t) => {
  const column = sqlIdentifier(['name', 'created_at'])
  t.equal(column('name'), '"name"')
  for (const name of ['', 'id', 'NAME', 'name; DROP TABLE users', 'name"', '__proto__', 'constructor', 'toString']) {
    t.throws(() => column(name), { code: 'BULWARK_ERR_INPUT_IDENTIFIER_REFUSED', statusCode: 400 }, name)
  }
  t.equal(sqlIdentifier({ newest: 'users.created_at' })('newest'), '"users"."created_at"')
})

t.test('a column that is no plain name is refused at start', async (t) => {
  for (const column of ['', 'a b', 'a"b', "a'", 'a.b.c', 'a;', '1a', 'a\n', 'a-b', 'x'.repeat(64)]) t.throws(() => sqlIdentifier([column]), RangeError)
})

t.test('signs of LIKE', async (t) => {
  t.equal(likePattern('50 %_\\x'), '50 \\%\\_\\\\x')
})
