import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { answerRefusal, type RefusalReply } from '../../../lib/csrf/answer.ts'

interface Answer { codes: number[], headers: string[][], payloads: unknown[], errors: Array<{ code?: string }>, failures: unknown[] }

async function answer (onRefused?: (reply: RefusalReply) => unknown): Promise<Answer> {
  const seen: Answer = { codes: [], headers: [], payloads: [], errors: [], failures: [] }
  const reply: RefusalReply = {
    get sent () { return seen.payloads.length > 0 },
    header: (...pair) => seen.headers.push(pair),
    code: (status) => seen.codes.push(status),
    send: (payload) => seen.payloads.push(payload)
  }
  answerRefusal(reply, onRefused && (() => onRefused(reply)), (error) => seen.failures.push(error), (error) => seen.errors.push(error as { code?: string }))
  await setImmediate()
  await setImmediate()
  return seen
}

const NO_STORE = [['cache-control', 'no-store']]
const ERROR = [{ code: 'BULWARK_ERR_CSRF_REFUSED', statusCode: 403 }]
const failure = new Error('failure')
const cases: Array<[rule: string, onRefused: ((reply: RefusalReply) => unknown) | undefined, expected: object]> = [
  ['nobody answers', undefined, { codes: [], payloads: [], errors: ERROR, failures: [] }],
  ['a payload', () => 'page', { codes: [403], payloads: ['page'], errors: [], failures: [] }],
  ['a payload in time', async () => 'page', { codes: [403], payloads: ['page'], errors: [], failures: [] }],
  ['a reply that was sent', (reply) => { reply.send('page') }, { codes: [403], payloads: ['page'], errors: [], failures: [] }],
  ['a payload beside a reply that was sent', (reply) => { reply.send('page'); return 'other' }, { payloads: ['page'], errors: [] }],
  ['nothing', () => undefined, { payloads: [], errors: ERROR, failures: [] }],
  ['an exception', () => { throw failure }, { payloads: [], errors: ERROR, failures: [failure] }],
  ['a rejection', async () => { throw failure }, { payloads: [], errors: ERROR, failures: [failure] }]
]
for (const [rule, onRefused, expected] of cases) {
  t.test(rule, async (t) => {
    const seen = await answer(onRefused)
    t.match(seen, expected)
    t.same(seen.headers, NO_STORE)
  })
}
