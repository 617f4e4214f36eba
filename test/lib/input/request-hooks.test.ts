import t from 'tap'
import { Type } from 'typebox'
import { f } from '../../../lib/input/fields.ts'
import { kForm, kKind, RequestHooks, type FormRequest } from '../../../lib/input/request-hooks.ts'
import { RoutePlan } from '../../../lib/input/route-plan.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'

t.test('the hooks in their order', async (t) => {
  const settings = resolveSettings({})
  const body = Type.Object({ a: f.text() })
  const plan = new RoutePlan({ method: 'POST', url: '/', schema: { body } }, body, settings, false)
  plan.compile({})
  const hooks = new RequestHooks(plan, settings)
  const request = (type: string | undefined, body: unknown): FormRequest => ({ headers: { 'content-type': type }, log: { info: () => {} }, body, [kForm]: null, [kKind]: null })
  const run = (hook: (request: FormRequest, reply: never, next: (error?: Error) => void) => void, request: FormRequest): Error | undefined => {
    let given: Error | undefined
    hook(request, {} as never, (error) => { given = error })
    return given
  }
  t.match(run(hooks.gate, request('text/plain', '')), { statusCode: 415 })
  const good = request('application/json', { a: 'x', _csrf: 't' })
  t.equal(run(hooks.gate, good), undefined)
  t.equal(run(hooks.read, good), undefined)
  t.equal((good.body as { _csrf: string })._csrf, 't')
  t.same(hooks.validatorOf('body')(good.body), { value: { a: 'x' } })
  const validate = hooks.validatorOf('body')
  t.equal(validate({ a: 'x' }), false)
  t.match(validate.errors, { statusCode: 400 })
  t.equal(hooks.validatorOf('body')(null), false)
  t.equal(run(hooks.finish, good), undefined)
  const bad = request('application/json', { a: '\ufffd' })
  run(hooks.gate, bad)
  t.match(run(hooks.read, bad), { statusCode: 400 })
})
