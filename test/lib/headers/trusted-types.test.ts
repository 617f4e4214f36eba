import t from 'tap'
import { formatPolicy } from '../../../lib/headers/csp-policy.ts'
import { trustedTypesPolicy, trustedTypesSchema, type TrustedTypes } from '../../../lib/headers/trusted-types.ts'
import { compileOptions } from '../../../lib/options.ts'

const table: Array<[what: string, option: TrustedTypes, expected: string]> = [
  ['without a list any policy may be made', { mode: 'enforce' }, "require-trusted-types-for 'script'"],
  ['the mode decides where it goes, not what it says', { mode: 'report-only' }, "require-trusted-types-for 'script'"],
  ['the list names what may be made', { mode: 'enforce', policies: ['app', 'lib#1'] }, "require-trusted-types-for 'script'; trusted-types app lib#1"],
  ['duplicates of a name are allowed by a keyword', { mode: 'enforce', policies: ['app', "'allow-duplicates'"] }, "require-trusted-types-for 'script'; trusted-types app 'allow-duplicates'"],
  ['an empty list allows none', { mode: 'enforce', policies: [] }, "require-trusted-types-for 'script'; trusted-types"]
]
for (const [what, option, expected] of table) {
  t.test(what, async (t) => t.equal(formatPolicy(trustedTypesPolicy(option, 'headers.trustedTypes')), expected))
}

for (const name of ['two words', 'a;b', 'a,b', "'none", 'é', '', 'a\nb']) {
  t.test(`a policy cannot be called ${JSON.stringify(name)}`, async (t) => {
    t.throws(() => trustedTypesPolicy({ mode: 'enforce', policies: [name] }, 'headers.trustedTypes'), { code: 'BULWARK_ERR_HEADERS_POLICY_INVALID' })
  })
}

t.test('the mode has to be said', async (t) => {
  const check = compileOptions(trustedTypesSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  t.throws(() => check({}, 'trustedTypes'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: /trustedTypes\.mode/ })
  t.throws(() => check({ mode: 'report' }, 'trustedTypes'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  t.throws(() => check({ mode: 'enforce', policy: [] }, 'trustedTypes'), { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', message: /`policies`/ })
})
