import Fastify, { type FastifyContextConfig } from 'fastify'
import t from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { redirect, type RedirectOptions } from '../../plugins/redirect.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'

// A wrong option never starts.

const UNKNOWN = 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_REDIRECT_OPTION_INVALID'
const key = generateKey()
const origin = 'https://app.test'

const own: readonly Misuse[] = [
  ['no options at all', {}, INVALID, 'redirect.origin', '`localOnly: true`'],
  ['an origin that is misspelt', { orgin: origin }, UNKNOWN, 'redirect.orgin', '`origin`'],
  ['an origin without a scheme', { origin: `${SECRET}.test` }, INVALID, 'redirect.origin', 'with its scheme'],
  ['an origin with a path', { origin: `https://${SECRET}.test/app` }, INVALID, 'redirect.origin', 'behind its host and port'],
  ['an origin of another scheme', { origin: `ftp://${SECRET}.test` }, INVALID, 'redirect.origin', 'http and https'],
  ['a list of origins', { origin: [origin] }, INVALID, 'redirect.origin', 'received an array of length 1'],
  ['an origin that is null', { origin: null }, INVALID, 'redirect.origin', 'received null'],
  ['hosts as text', { origin, hosts: 'good.test' }, INVALID, 'redirect.hosts', /array/],
  ['a host that is a regular expression', { origin, hosts: [/good/] }, INVALID, 'redirect.hosts.0', /string/],
  ['a host with a path', { origin, hosts: [`${SECRET}.test/x`] }, INVALID, 'redirect.hosts[0]', '`good.test:8443`'],
  ['a host with a user', { origin, hosts: [`${SECRET}@good.test`] }, INVALID, 'redirect.hosts[0]', 'no user'],
  ['every host', { origin, hosts: ['*'] }, INVALID, 'redirect.hosts[0]', 'A wildcard stands for whole labels'],
  ['every host of a top level', { origin, hosts: ['good.test', '*.com'] }, INVALID, 'redirect.hosts[1]', 'A wildcard stands for whole labels'],
  ['a host of another scheme', { origin, hosts: [`javascript://${SECRET}.test`] }, INVALID, 'redirect.hosts[0]', 'http and https'],
  ['an origin of the list with a path', { origin, hosts: [`https://${SECRET}.test/`] }, INVALID, 'redirect.hosts[0]', 'behind its host and port'],
  ['http where https is required', { origin, requireHttps: true, hosts: ['http://good.test'] }, INVALID, 'redirect.hosts[0]', '`requireHttps`'],
  ['https required over an origin of http', { origin: 'http://app.test', requireHttps: true }, INVALID, 'redirect.requireHttps', '`false`'],
  ['https required as text', { origin, requireHttps: 'yes' }, INVALID, 'redirect.requireHttps', 'a boolean'],
  ['hosts where everything is local', { origin, localOnly: true, hosts: ['good.test'] }, INVALID, 'redirect.hosts', '`localOnly`'],
  ['a length of zero', { origin, maxLength: 0 }, INVALID, 'redirect.maxLength', 'an integer from 1 to 16384'],
  ['a length without an end', { origin, maxLength: Infinity }, INVALID, 'redirect.maxLength', 'an integer'],
  ['a length as text', { origin, maxLength: '2kb' }, INVALID, 'redirect.maxLength', 'an integer'],
  ['a net that is misspelt', { origin, gaurdAll: true }, UNKNOWN, 'redirect.gaurdAll', '`guardAll`'],
  ['a net as text', { origin, guardAll: 'on' }, INVALID, 'redirect.guardAll', 'a boolean'],
  ['no key in the list', { origin, keys: [] }, INVALID, 'redirect.keys', 'at least one key'],
  ['a key as text', { origin, keys: key }, INVALID, 'redirect.keys', 'an array'],
  ['a key that is too short', { origin, keys: [SECRET] }, INVALID, 'redirect.keys[0]', 'hex or base64url'],
  ['a key of another length', { origin, keys: [key.slice(0, 32)] }, INVALID, 'redirect.keys[0]', '32 bytes'],
  ['a passphrase', { origin, keys: [Buffer.from(SECRET.repeat(4).slice(0, 32)).toString('hex')] }, INVALID, 'redirect.keys[0]', 'random'],
  ['a key that is given twice', { origin, keys: [key, key] }, INVALID, 'redirect.keys[1]', 'keys[0]'],
  ["an option of Fastify's own", { origin, prefix: '/a' }, UNKNOWN, 'redirect.prefix', 'The names are']
]

const routes: readonly Misuse[] = [
  ['a plugin that is misspelt', { redirects: {} }, UNKNOWN, 'config.security.redirects', '`redirect`'],
  ['a setting that is true', { redirect: true }, INVALID, 'config.security.redirect', '`false`'],
  ['a setting that is a name', { redirect: SECRET }, INVALID, 'config.security.redirect', '`false`'],
  ['a setting that is a list', { redirect: ['next'] }, INVALID, 'config.security.redirect', '`false`'],
  ['a field that is misspelt', { redirect: { feild: 'next' } }, UNKNOWN, 'config.security.redirect.feild', '`field`'],
  ['a list of fields', { redirect: { field: ['next'] } }, INVALID, 'config.security.redirect.field', 'the name of a field'],
  ['a place that is none', { redirect: { field: 'next', in: ['headers'] } }, INVALID, 'config.security.redirect.in.0', /query/],
  ['a place as text', { redirect: { field: 'next', in: 'query' } }, INVALID, 'config.security.redirect.in', "`'query'` and `'body'`"],
  ['a reaction that is misspelt', { redirect: { field: 'next', onUnsafe: 'rejects' } }, INVALID, 'config.security.redirect.onUnsafe', "`'reject'`"],
  ['a fallback that leaves', { redirect: { field: 'next', fallback: `https://${SECRET}.test` } }, INVALID, 'config.security.redirect.fallback', 'safe target'],
  ['a fallback for no field', { redirect: { fallback: '/' } }, INVALID, 'config.security.redirect.field', '`fallback`'],
  ['a host that is none', { redirect: { hosts: [`//${SECRET}.test`] } }, INVALID, 'config.security.redirect.hosts[0]', '`good.test`'],
  ['an option that is the application\'s', { redirect: { guardAll: false } }, UNKNOWN, 'config.security.redirect.guardAll', 'The names are']
]

async function failure (options: object, security?: object): Promise<unknown> {
  const app = Fastify()
  app.register(redirect, options as RedirectOptions)
  app.register(async (scope) => { scope.get('/', security === undefined ? {} : { config: { security } as FastifyContextConfig }, () => '') })
  return await failureOf(app)
}

for (const [where, table] of [['options', own], ['route', routes]] as const) {
  for (const entry of table) {
    const [what, option, , path] = entry
    t.test(`${where}: ${what}`, async (t) => {
      const error = await (where === 'options' ? failure(option) : failure({ origin }, option))
      checkMisuse(t, error, entry)
      t.ok((error as Error).message.startsWith(`${path}: `), 'the place comes first')
      if (where === 'route') t.match((error as Error).message, / \(route GET \/\)$/)
    })
  }
}

t.test('hosts of a route where everything is local', async (t) => {
  t.match(await failure({ localOnly: true }, { redirect: { hosts: ['good.test'] } }), { code: INVALID, message: /^config\.security\.redirect\.hosts: .*`localOnly`/ })
})

t.test('what looks odd and is right starts', async (t) => {
  const right: Array<[what: string, options: RedirectOptions]> = [
    ['everything local, and no origin', { localOnly: true }],
    ['an origin of http', { origin: 'http://localhost:3000' }],
    ['an origin of http that says so', { origin: 'http://localhost:3000', requireHttps: false }],
    ['a host of http beside an origin of https', { origin, hosts: ['http://legacy.test:8080'] }],
    ['every form of a host', { origin, hosts: ['good.test', 'good.test:8443', '*.good.test', 'https://good.test', '127.0.0.1:3000', '[::1]', 'bücher.test'] }],
    ['keys in both spellings', { origin, keys: [key, Buffer.from(generateKey(), 'base64url').toString('hex')] }]
  ]
  for (const [what, options] of right) t.equal(await failure(options), undefined, what)
  t.equal(await failure({ origin }, { redirect: {} }), undefined, 'an empty setting')
})
