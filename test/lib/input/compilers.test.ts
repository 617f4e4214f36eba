import t from 'tap'
import { Type } from 'typebox'
import { Compilers, hasForeignCompiler } from '../../../lib/input/compilers.ts'
import { f } from '../../../lib/input/fields.ts'
import type { PartValidator } from '../../../lib/input/request-hooks.ts'
import { RequestHooks } from '../../../lib/input/request-hooks.ts'
import { RoutePlan } from '../../../lib/input/route-plan.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'
import { Standalone } from '../../../lib/input/standalone.ts'

const settings = resolveSettings({})
const make = (): Compilers => new Compilers(settings, new Standalone(settings, () => ({})))
const schema = Type.Object({ a: f.integer() })

t.test('whose compiler it is', async (t) => {
  t.equal(hasForeignCompiler(undefined), false)
  t.equal(hasForeignCompiler(() => {}), true)
  t.equal(hasForeignCompiler(make().ofEarlyRoutes(() => {})), false)
})

t.test('a route that was planned, before and after the start', async (t) => {
  const compilers = make()
  const plan = new RoutePlan({ method: 'GET', url: '/', schema: { querystring: schema } }, undefined, settings, false)
  plan.compile({})
  const compile = compilers.ofRoute(new RequestHooks(plan, settings))
  t.same(compile({ schema, httpPart: 'querystring' })({ a: '1' }), { value: { a: 1 } })
  compilers.start()
  t.equal(compile({ schema, httpPart: null })({ a: '1' }), false, 'then it is a schema of the program, for a value of the program')
  t.equal(compile({ schema })({ a: 1 }), true)
})

t.test('a route that was declared before the plugin', async (t) => {
  const plans: RoutePlan[] = []
  const early = make()
  const compile = early.ofEarlyRoutes((plan) => { plans.push(plan) })
  const validate = compile({ schema, method: 'GET', url: '/', httpPart: 'querystring' }) as PartValidator
  plans[0]!.compile({})
  t.same(validate({ a: '1' }), { value: { a: 1 } }, 'its query is read')
  t.equal(validate({ a: 'x' }), false)
  early.start()
  t.equal(compile({ schema })({ a: 1 }), true)

  const refused = make()
  const body = refused.ofEarlyRoutes(() => t.fail('it has no plan'))({ schema, method: 'POST', url: '/account', httpPart: 'body' })
  t.equal(body({ a: 1 }), false, 'its body is not')
  t.throws(() => { refused.start() }, { code: 'BULWARK_ERR_INPUT_ROUTE_EARLY', message: /POST \/account/ })
})
