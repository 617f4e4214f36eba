import Fastify, { type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { findTrust, judgeTrust, type TrustFinding } from '../../../lib/transport/proxy-trust.ts'

const cases: Array<[what: string, trustProxy: unknown, code: TrustFinding['code'] | undefined]> = [
  ['nothing', undefined, undefined],
  ['false', false, undefined],
  ['true', true, 'trusts-everybody'],
  ['a number', 1, 'hop-count-ignored'],
  ['zero', 0, 'hop-count-ignored'],
  ['an address', '10.0.0.1', undefined],
  ['a network', '10.0.0.0/8', undefined],
  ['names of networks', 'loopback, uniquelocal', undefined],
  ['a list', ['10.0.0.0/8', 'fd00::/8'], undefined],
  ['all addresses', '0.0.0.0/0', 'trusts-everybody'],
  ['all addresses in a list', ['10.0.0.1', '::/0'], 'trusts-everybody'],
  ['all addresses in a string', '10.0.0.1, 0.0.0.0/00', 'trusts-everybody'],
  ['a network whose mask ends in 0', '10.0.0.0/10', undefined],
  ['a function that counts hops', (_address: string, hop: number) => hop < 1, 'trusts-everybody'],
  ['a function that says yes', () => true, 'trusts-everybody'],
  ['a function that says something', () => 'yes', 'trusts-everybody'],
  ['a function that says no', () => false, undefined],
  ['a function that looks at the address', (address: string) => address.startsWith('10.'), undefined],
  ['a function that looks at both', (address: string, hop: number) => hop < 2 && address === '127.0.0.1', undefined],
  ['a function that throws', () => { throw new Error('not asked for') }, undefined]
]

for (const [what, trustProxy, code] of cases) {
  t.test(`trustProxy: ${what}`, async (t) => {
    const finding = judgeTrust(trustProxy)
    t.equal(finding?.code, code)
    if (code !== undefined) t.match(finding?.message, /Name the addresses of your proxies\.$/)
  })
}

t.test('of an application, from any scope', async (t) => {
  for (const [trustProxy, code] of [[true, 'trusts-everybody'], [2, 'hop-count-ignored'], ['127.0.0.1', undefined], [undefined, undefined]] as const) {
    const app = Fastify((trustProxy === undefined ? {} : { trustProxy }) as FastifyServerOptions)
    t.equal(findTrust(app)?.code, code)
    app.register(async (child) => { t.equal(findTrust(child)?.code, code) })
    await app.ready()
  }
})

t.test('where Fastify keeps it elsewhere, that is said', async (t) => {
  t.equal(findTrust({})?.code, 'unknown')
  t.equal(findTrust(Object.create(null))?.code, 'unknown')
})
