import t from 'tap'
import { postgresNames } from '../../../../lib/session/stores/postgres-names.ts'

t.test('every name has its schema and its prefix, in quotes', async (t) => {
  const { index, ...others } = postgresNames('app', 'web_')
  for (const name of Object.values(others)) t.match(name, /^"app"\."web_[a-z_]+"$/)
  t.equal(new Set(Object.values(others)).size, Object.values(others).length)
  t.equal(index('x'), '"web_x"')
})
