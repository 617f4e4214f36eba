import t from 'tap'
import { compileExemption, compileTransport, NO_EXEMPTION, transportDefaults } from '../../../lib/transport/settings.ts'

const UNKNOWN = 'BULWARK_ERR_TRANSPORT_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_TRANSPORT_OPTION_INVALID'

t.test('what is left out has its default', async (t) => {
  t.match(compileTransport({ hosts: ['app.test'] }), { patterns: [{ name: 'app.test' }], host: undefined, ...transportDefaults })
  t.ok(Object.isFrozen(transportDefaults))
})

t.test('what is undefined is left out: plain http is not served because a variable was not set', async (t) => {
  const { allowLoopback, ...rest } = compileTransport({ hosts: ['app.test'], host: undefined, https: undefined, securePort: undefined, allowLoopback: undefined })
  t.match(rest, { host: undefined, ...transportDefaults })
  t.equal(allowLoopback, compileTransport({ hosts: ['app.test'] }).allowLoopback)
})

t.test('a fixed host is admitted, too', async (t) => {
  t.match(compileTransport({ host: 'APP.test', hosts: ['*.app.test'] }), { host: 'app.test', patterns: [{ name: '.app.test' }, { name: 'app.test' }] })
  t.match(compileTransport({ host: 'app.test' }), { host: 'app.test', patterns: [{ name: 'app.test' }] })
})

t.test('the dot at the end of a name does not matter', async (t) => {
  t.same(compileTransport({ hosts: ['app.test.', '*.app.test.', 'app.test.:8443', '[2001:DB8::1]:8443'], host: 'www.app.test.' }).patterns.map(({ name, port }) => [name, port]),
    [['app.test', ''], ['.app.test', ''], ['app.test', '8443'], ['[2001:db8::1]', '8443'], ['www.app.test', '']])
})

t.test('loopback is exempted but for production, and as it is told', async (t) => {
  const before = process.env['NODE_ENV']
  t.teardown(() => { before === undefined ? delete process.env['NODE_ENV'] : process.env['NODE_ENV'] = before })
  const cases: Array<[env: string | undefined, option: boolean | undefined, is: boolean]> = [
    [undefined, undefined, true], ['development', undefined, true], ['production', undefined, false], ['production', true, true], ['test', false, false]
  ]
  for (const [env, allowLoopback, is] of cases) {
    env === undefined ? delete process.env['NODE_ENV'] : process.env['NODE_ENV'] = env
    t.equal(compileTransport({ hosts: ['app.test'], ...allowLoopback === undefined ? {} : { allowLoopback } }).allowLoopback, is, `${env} ${allowLoopback}`)
  }
})

const refused: Array<[what: string, options: unknown, code: string, message: string]> = [
  ['no host at all', {}, INVALID, 'transport.hosts: expected the hosts that the application answers under, received undefined. Nobody but you knows them'],
  ['an empty list', { hosts: [] }, INVALID, 'transport.hosts: expected the hosts'],
  ['a list that is a string', { hosts: 'app.test' }, INVALID, 'transport.hosts: expected an array whose members are a host, received a string of length 8.'],
  ['an entry that is a number', { hosts: [1] }, INVALID, 'transport.hosts.0: expected a host, received the number 1.'],
  ['an entry with a scheme', { hosts: ['app.test', 'https://app.test'] }, INVALID, 'transport.hosts[1]: expected a host such as `app.test`, `*.app.test` or `app.test:8443`, received a string of length 16. It has no scheme'],
  ['everything', { hosts: ['*'] }, INVALID, 'transport.hosts[0]: expected a host'],
  ['a top-level domain', { hosts: ['*.com'] }, INVALID, 'transport.hosts[0]: expected a host'],
  ['a name that no request can have, since its Host would be refused', { hosts: ['my_app'] }, INVALID, 'names are of letters, digits, dots and hyphens'],
  ['the same under a wildcard', { hosts: ['*.my_app.test'] }, INVALID, 'transport.hosts[0]: expected a host'],
  ['an empty label', { hosts: ['app..test'] }, INVALID, 'transport.hosts[0]: expected a host'],
  ['a dot that begins a name', { hosts: ['.app.test'] }, INVALID, 'transport.hosts[0]: expected a host'],
  ['a wildcard for the fixed host', { host: '*.app.test' }, INVALID, 'transport.host: expected one host without a port, received a string of length 10. `securePort` has the port.'],
  ['a port of the fixed host', { host: 'app.test:8443' }, INVALID, 'transport.host: expected one host without a port'],
  ['a fixed host that is none', { host: 'app.test/' }, INVALID, 'transport.host: expected a host such as'],
  ['an option that is misspelt', { host: 'app.test', allowedHosts: [] }, UNKNOWN, 'transport.allowedHosts: expected a known name, received an unknown one. Did you mean `hosts`?'],
  ['another spelling', { hosts: ['app.test'], secureport: 1 }, UNKNOWN, 'Did you mean `securePort`?'],
  ['a port that is a string', { hosts: ['app.test'], securePort: '443' }, INVALID, 'transport.securePort: expected an integer from 1 to 65535, received a string of length 3.'],
  ['a port beyond all ports', { hosts: ['app.test'], securePort: 65536 }, INVALID, 'transport.securePort: expected an integer'],
  ['a flag that is a string', { hosts: ['app.test'], https: 'no' }, INVALID, 'transport.https: expected a boolean, received a string of length 2.'],
  ['options that are null', null, INVALID, 'transport: expected an object, received null.']
]

for (const [what, options, code, message] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    t.throws(() => compileTransport(options), { code })
    try {
      compileTransport(options)
    } catch (error) {
      t.ok((error as Error).message.includes(message), (error as Error).message)
    }
  })
}

t.test('the setting of a route', async (t) => {
  t.same(compileExemption(false), { https: true, hosts: true })
  t.same(compileExemption({}), NO_EXEMPTION)
  t.same(compileExemption({ https: false }), { https: true, hosts: false })
  t.same(compileExemption({ hosts: false }), { https: false, hosts: true })
  const wrong: Array<[setting: unknown, code: string]> = [[true, INVALID], [null, INVALID], ['false', INVALID], [[], INVALID], [{ https: true }, INVALID], [{ hosts: ['app.test'] }, INVALID], [{ host: false }, UNKNOWN]]
  for (const [setting, code] of wrong) t.throws(() => compileExemption(setting), { code, message: /^config\.security\.transport/ }, JSON.stringify(setting))
})
