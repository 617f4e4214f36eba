import t from 'tap'
import { Type } from 'typebox'
import { askChecks, crossFaults, hasChecks } from '../../../lib/input/checks.ts'
import { f } from '../../../lib/input/fields.ts'
import { compileForm, type FormPlan } from '../../../lib/input/form-plan.ts'
import { equalTo, requiredIf } from '../../../lib/input/form-options.ts'
import { Part } from '../../../lib/input/request-part.ts'

const body = new Part(Type.Object({ a: f.text(), b: Type.Optional(f.text()), c: Type.Optional(f.text()) }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)
const plan = (form: object): FormPlan => compileForm(form, body, ['form'])
const never = (): (() => void) => () => {}
const ask = (form: object, values: object, seconds = 5, onAbort: (abort: () => void) => () => void = never): ReturnType<typeof askChecks> => askChecks(plan(form), values, { id: 1 }, seconds, onAbort)

t.test('rules between fields', async (t) => {
  const rules = plan({ check: { b: equalTo('a'), c: requiredIf('b', 'x', 'Give c.') } })
  const rows: Array<[title: string, values: object, wrong: string[], expected: string[]]> = [
    ['the same', { a: '1', b: '1' }, [], []],
    ['another', { a: '1', b: '2' }, [], ['b equalTo a']],
    ['one that was not given', { a: '1' }, [], []],
    ['one that is wrong by itself is not asked', { a: '1', b: '2' }, ['b'], []],
    ['nor the other one', { a: '1', b: '2' }, ['a'], []],
    ['required and missing', { a: 'x', b: 'x' }, [], ['c Give c. b']],
    ['required and empty', { a: 'x', b: 'x', c: '' }, [], ['c Give c. b']],
    ['required and null', { a: 'x', b: 'x', c: null }, [], ['c Give c. b']],
    ['required and there', { a: 'x', b: 'x', c: '1' }, [], []]
  ]
  for (const [title, values, wrong, expected] of rows) {
    t.same(crossFaults(rules, values, wrong.map((path) => ({ path, key: 'x', params: {} }))).map(({ path, key, params }) => `${path} ${key} ${String(params['other'])}`), expected, title)
  }
  t.same(crossFaults(plan({}), {}, []), [])
})

t.test('checks of the program', async (t) => {
  t.notOk(hasChecks(plan({ check: { b: equalTo('a') } })))
  t.ok(hasChecks(plan({ check: { b: String } })))
  t.ok(hasChecks(plan({ checkForm: String })))
  const seen: unknown[] = []
  const form = { check: { a: [(value: unknown, context: object) => { seen.push([value, { ...context, signal: true }]) }, async () => null, () => 'first', () => 'second'], b: () => ({ key: 'minimum', params: { min: 3 } }), c: () => 'not asked' }, checkForm: () => 'not asked either' }
  t.same(await ask(form, { a: '1', b: '2' }), [{ path: 'a', key: 'first', params: {} }, { path: 'b', key: 'minimum', params: { min: 3 } }])
  t.same(seen, [['1', { request: { id: 1 }, signal: true, values: { a: '1', b: '2' } }]])
  t.same(await ask({ checkForm: async () => ({ key: 'invalid' }) }, {}), [{ path: '', key: 'invalid', params: {} }])
  t.same(await ask({ checkForm: () => undefined }, {}), [])
  t.same(await ask({ check: { a: () => null } }, { a: 'x' }), [])
})

t.test('an error is an error', async (t) => {
  await t.rejects(ask({ check: { a: () => { throw new Error('down') } } }, { a: '1' }), { message: 'down' })
})

t.test('time is limited, and the checks are told', async (t) => {
  let signal: AbortSignal | undefined
  let later = 0
  const slow = (_value: unknown, context: { signal: AbortSignal }): Promise<undefined> => new Promise((resolve) => {
    signal = context.signal
    context.signal.addEventListener('abort', () => resolve(undefined))
  })
  await t.rejects(ask({ check: { a: [slow, () => { later++ }] } }, { a: '1' }, 0.01), { code: 'BULWARK_ERR_INPUT_CHECK_TIMEOUT', statusCode: 500 })
  t.ok(signal?.aborted)
  let forgotten = false
  await t.rejects(ask({ check: { a: [slow, () => { later++ }] } }, { a: '1' }, 60, (abort) => {
    setImmediate(abort)
    return () => { forgotten = true }
  }), { code: 'BULWARK_ERR_INPUT_CHECK_ABORTED', statusCode: 400 }, 'a client that goes is no fault of the program')
  t.ok(forgotten)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(later, 0, 'nothing is asked any more')
})
