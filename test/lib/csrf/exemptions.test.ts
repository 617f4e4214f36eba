import t from 'tap'
import { Exemptions } from '../../../lib/csrf/exemptions.ts'

t.test('routes are listed with their methods, without the HEAD beside a GET', async (t) => {
  const exemptions = new Exemptions()
  for (const [method, url] of [['POST', '/a'], [['GET', 'PUT'], '/b'], ['HEAD', '/b']] as const) exemptions.note({ method, url })
  t.same(exemptions.list, ['POST /a', 'GET,PUT /b'])
})

t.test('a late one is news once', async (t) => {
  const exemptions = new Exemptions()
  const [one, two] = [{}, {}]
  t.same([one, one, two, one].map((config) => exemptions.isNews(config)), [true, false, true, false])
})
