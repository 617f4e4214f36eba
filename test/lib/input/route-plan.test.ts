import t from 'tap'
import { Type } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { lintOwnCompiler, partsOf, reportFindings, requestError, RoutePlan } from '../../../lib/input/route-plan.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'

t.test('a route', async (t) => {
  const body = Type.Object({ a: f.text() })
  const route = { method: 'POST', url: '/x', schema: { body, headers: { type: 'object', properties: { 'X-A': { type: 'integer' } }, required: ['X-A'] } }, form: { accepts: ['json'] } }
  const plan = new RoutePlan(route, body, resolveSettings({}), false)
  t.same(plan.compile({}), [])
  t.ok(plan.accepts('json'))
  t.notOk(plan.accepts('form'))
  t.notOk(plan.accepts(undefined))
  t.equal(plan.form('json'), plan.form())
  t.same(plan.part('headers').readForm({ 'x-a': '3', other: 'y' }).value, { 'x-a': 3 })
  t.throws(() => new RoutePlan(route, body, resolveSettings({}), true).compile({}), { code: 'BULWARK_ERR_INPUT_FORM_INVALID', message: /\(route POST \/x\)$/ })
  t.throws(() => new RoutePlan(route, undefined, resolveSettings({}), false).compile({}), { code: 'BULWARK_ERR_INPUT_FORM_INVALID' })
  t.throws(() => new RoutePlan({ ...route, form: null }, body, { ...resolveSettings({}), limits: undefined as never }, false).compile({}), TypeError, 'another error is left as it is')
  t.match(new RoutePlan({ method: 'GET', url: '/y', schema: { querystring: { type: 'object', properties: { a: { type: 'string' } } }, headers: true } }, undefined, resolveSettings({}), false).compile({}), [{ code: 'length', message: /^GET \/y: querystring\.properties\.a has/ }])
})

t.test('parts, findings, errors', async (t) => {
  t.same(partsOf({ body: {}, params: false, response: {} }), ['body', 'params'])
  t.same(partsOf(undefined), [])
  t.equal(lintOwnCompiler({ method: 'GET', url: '/', schema: { body: f.email() } }).length, 1)
  const finding = { code: 'length', path: 'a', message: 'm' } as const
  const told: unknown[] = []
  reportFindings([finding], 'warn', (each) => told.push(each))
  reportFindings([finding], 'off', (each) => told.push(each))
  reportFindings([], 'error', (each) => told.push(each))
  t.same(told, [finding])
  t.throws(() => reportFindings(Array(25).fill(finding), 'error', () => {}), { code: 'BULWARK_ERR_INPUT_SCHEMA_WEAK', message: /and 5 more$/ })
  t.match(requestError({ value: {}, faults: [{ path: 'a', key: 'integer', params: {} }], duplicate: undefined }, 'params'), { statusCode: 400, validationContext: 'params', faults: [{ path: 'a', key: 'integer' }] })
})
