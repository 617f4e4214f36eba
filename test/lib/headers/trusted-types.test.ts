import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { formatPolicy } from '../../../lib/headers/csp-policy.ts'
import { trustedTypesPolicy, trustedTypesSchema, type TrustedTypes } from '../../../lib/headers/trusted-types.ts'

const formatted: Array<[rule: string, policies: string[] | undefined, policy: string]> = [
  ['any policy may be made', undefined, "require-trusted-types-for 'script'"],
  ['no policy may be made', [], "require-trusted-types-for 'script'; trusted-types"],
  ['no policy may be made, in words', ["'none'"], "require-trusted-types-for 'script'; trusted-types 'none'"],
  ['these policies may be made', ['default', 'dompurify', "'allow-duplicates'"], "require-trusted-types-for 'script'; trusted-types default dompurify 'allow-duplicates'"]
]

for (const [rule, policies, policy] of formatted) {
  t.test(`Trusted Types: ${rule}`, async (t) => {
    for (const mode of ['enforce', 'report-only'] as const) {
      t.equal(formatPolicy(trustedTypesPolicy({ mode, ...policies === undefined ? {} : { policies } }, 'x')), policy)
    }
  })
}

t.test('a name that the grammar refuses is named', async (t) => {
  for (const name of ['a b', 'a;script-src', 'a,b', "'script'", '', 'ü', 'a\n', 'a*']) {
    t.throws(() => trustedTypesPolicy({ mode: 'enforce', policies: ['default', name] }, 'x'), {
      code: 'BULWARK_ERR_HEADERS_POLICY_INVALID',
      message: `x.trusted-types[1]: expected one expression of \`trusted-types\`, received a string of length ${name.length}.`
    })
  }
  t.throws(() => trustedTypesPolicy({ mode: 'enforce', policies: ["'none'", 'a'] }, 'x'), { message: "x.trusted-types: expected `'none'` alone" })
})

const check = compileOptions<TrustedTypes>(trustedTypesSchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })

const refused: Array<[what: string, option: unknown, message: string]> = [
  ['no mode', {}, "x.mode: expected `'report-only'` or `'enforce'`, received undefined."],
  ['a misspelt mode', { mode: 'enforced' }, "x.mode: expected `'report-only'` or `'enforce'`, received a string of length 8. Did you mean `'enforce'`?"],
  ['a misspelt name', { mode: 'enforce', policy: [] }, 'x.policy: expected a known name, received an unknown one. Did you mean `policies`? The names are `mode`, `policies`.'],
  ['a text for policies', { mode: 'enforce', policies: 'default' }, 'x.policies: expected an array whose members are a string, received a string of length 7.']
]

for (const [what, option, message] of refused) {
  t.test(`the option refuses ${what}`, async (t) => t.throws(() => check(option, 'x'), { message }))
}
