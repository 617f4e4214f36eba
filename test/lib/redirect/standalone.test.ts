import t from 'tap'
import type { ResolveOptions } from '../../../lib/redirect/settings.ts'
import { isSafeRedirect, resolveRedirect } from '../../../lib/redirect/standalone.ts'

const options: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test'] }

t.test('resolveRedirect gives what is to be sent', async (t) => {
  t.same(resolveRedirect('/home', options), { ok: true, href: 'https://app.test/home', kind: 'same' })
  t.same(resolveRedirect('https://good.test', options), { ok: true, href: 'https://good.test/', kind: 'allowed' })
  t.same(resolveRedirect('https://evil.test', options), { ok: false, reason: 'host' })
  t.same(resolveRedirect(['/home'], options), { ok: false, reason: 'type' })
})

t.test('isSafeRedirect says whether the text may be sent', async (t) => {
  t.equal(isSafeRedirect('/home', options), true)
  t.equal(isSafeRedirect('/ho\tme', options), false)
  t.equal(isSafeRedirect(undefined, options), false)
})

t.test('options may be frozen, and differ from call to call', async (t) => {
  t.equal(isSafeRedirect('https://good.test/', Object.freeze({ origin: 'https://app.test' })), false)
  t.equal(isSafeRedirect('https://good.test/', { origin: 'https://app.test', hosts: ['good.test'] }), true)
  t.equal(isSafeRedirect('https://good.test/', { localOnly: true }), false)
})

t.test('an object of options is read once', async (t) => {
  const hosts = ['good.test']
  const options = { origin: 'https://app.test', hosts }
  t.ok(isSafeRedirect('https://good.test/', options))
  hosts.push('late.test')
  t.notOk(isSafeRedirect('https://late.test/', options))
})

const wrong: Array<[what: string, options: unknown, code: string]> = [
  ['none', undefined, 'BULWARK_ERR_REDIRECT_OPTION_INVALID'],
  ['null', null, 'BULWARK_ERR_REDIRECT_OPTION_INVALID'],
  ['no origin', {}, 'BULWARK_ERR_REDIRECT_OPTION_INVALID'],
  ['a text', 'https://app.test', 'BULWARK_ERR_REDIRECT_OPTION_INVALID'],
  ['a name that is misspelt', { orgin: 'https://app.test' }, 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN'],
  ['an option of the plugin', { origin: 'https://app.test', guardAll: false }, 'BULWARK_ERR_REDIRECT_OPTION_UNKNOWN']
]

for (const [what, options, code] of wrong) {
  t.test(`wrong options: ${what}`, async (t) => {
    for (const call of [resolveRedirect, isSafeRedirect]) {
      t.throws(() => call('/home', options as ResolveOptions), { code })
      t.throws(() => call('/home', options as ResolveOptions), { code }, 'the second time, too')
    }
  })
}
