import t from 'tap'
import { isLoopbackHost } from '../../lib/loopback-host.ts'

const cases: Array<[host: string, is: boolean]> = [
  ['localhost', true],
  ['app.localhost', true],
  ['a-1.b.localhost', true],
  ['127.0.0.1', true],
  ['127.9.8.7', true],
  ['[::1]', true],
  ['[::ffff:127.0.0.1]', true],
  ['', false],
  ['.localhost', false],
  ['evillocalhost', false],
  ['localhost.evil.test', false],
  ['127.0.0.1.evil.test', false],
  ['128.0.0.1', false],
  ['127.0.0', false],
  ['::1', false],
  ['[::2]', false],
  ['[::ffff:10.0.0.5]', false],
  ['localhost:3000', false],
  ['localhost\n', false]
]

for (const [host, is] of cases) {
  t.test(`${JSON.stringify(host)} is ${is ? 'this machine' : 'another host'}`, async (t) => t.equal(isLoopbackHost(host), is))
}
