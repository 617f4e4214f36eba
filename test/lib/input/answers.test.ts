import t from 'tap'
import { Type } from 'typebox'
import { Answers, type AnsweredReply } from '../../../lib/input/answers.ts'
import { f } from '../../../lib/input/fields.ts'
import { compileForm } from '../../../lib/input/form-plan.ts'
import { FormState } from '../../../lib/input/form-state.ts'
import { Part } from '../../../lib/input/request-part.ts'
import { resolveSettings } from '../../../lib/input/settings.ts'

t.test('answers', async (t) => {
  const body = new Part(Type.Union([Type.Object({ a: f.text() }), Type.Object({ b: f.text() })]), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)
  const plan = compileForm({}, body, ['form'])
  const written: unknown[] = []
  const reply: AnsweredReply = {
    sent: false,
    raw: { once: () => {}, off: () => {} },
    code (status) { written.push(status); return this },
    header (name, value) { written.push(`${name}: ${value}`); return this },
    hasHeader: () => true,
    type (type) { written.push(type); return this },
    send (payload) { written.push(payload); return this }
  }
  const answers = new Answers(plan, resolveSettings({}), { headers: {} }, reply, 'form')
  t.same(await answers.initial(), {})
  t.same({ ...answers.blank().raw }, {})
  await answers.answer(new FormState(plan, answers, {}, [{ path: '', key: 'invalid', params: {} }], true))
  t.same(written.slice(0, 2), [422, 'application/problem+json'], 'a cache-control of the route is left alone')
  t.match(JSON.parse(String(written[2])), { status: 422, errors: {}, formErrors: ['This value is not admitted.'] })
})
