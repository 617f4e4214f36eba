import t from 'tap'
import { sentHost } from '../../../lib/transport/request.ts'
import { requestOf } from './requests.ts'

const cases: Array<[what: string, headers: Record<string, string>, host: string | undefined]> = [
  ['the Host header', { host: 'app.test' }, 'app.test'],
  ['the authority of HTTP/2', { ':authority': 'app.test' }, 'app.test'],
  ['the Host header beside it, as in Fastify', { ':authority': 'a.test', host: 'b.test' }, 'b.test'],
  ['an empty one', { host: '' }, ''],
  ['none', {}, undefined],
  ['never a forwarded one', { host: 'app.test', 'x-forwarded-host': 'evil.test' }, 'app.test']
]

for (const [what, headers, host] of cases) {
  t.test(`the host that was sent: ${what}`, async (t) => t.equal(sentHost(requestOf({ headers, host: 'believed.test' })), host))
}
