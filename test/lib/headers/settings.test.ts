import t from 'tap'
import { headersSchema, routeHeadersSchema } from '../../../lib/headers/settings.ts'
import { compileOptions } from '../../../lib/options.ts'

const CODES = { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' } as const
const checkOptions = compileOptions(headersSchema, CODES)
const checkSettings = compileOptions(routeHeadersSchema, CODES)

const common: Array<[what: string, value: object]> = [
  ['nothing', {}],
  ['every header switched off', {
    contentSecurityPolicy: false,
    contentSecurityPolicyReportOnly: false,
    trustedTypes: false,
    reporting: false,
    strictTransportSecurity: false,
    xContentTypeOptions: false,
    xFrameOptions: false,
    referrerPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: false,
    permissionsPolicy: false,
    originAgentCluster: false,
    xXssProtection: false,
    nonDocument: { contentSecurityPolicy: false, referrerPolicy: false }
  }],
  ['changes to the policy', { contentSecurityPolicy: { replace: true, remove: {}, set: { 'img-src': ["'self'"] }, append: {} } }]
]
for (const [what, value] of common) {
  t.test(`an application and a route may say: ${what}`, async (t) => {
    t.equal(checkOptions(value, 'headers'), value)
    t.equal(checkSettings(value, 'config.security.headers'), value)
  })
}

t.test('`false` is a setting of a route, not an option', async (t) => {
  t.equal(checkSettings(false, 'config.security.headers'), false)
  t.throws(() => checkOptions(false, 'headers'), { code: CODES.invalid })
})

for (const [key, value] of [['preset', 'article'], ['lint', 'off'], ['nonce', {}]] as const) {
  t.test(`\`${key}\` is an option, not a setting of a route`, async (t) => {
    t.ok(checkOptions({ [key]: value }, 'headers'))
    t.throws(() => checkSettings({ [key]: value }, 'config.security.headers'), { code: CODES.unknown, message: new RegExp(`config\\.security\\.headers\\.${key}`) })
  })
}

t.test('the generator of nonces is a function', async (t) => {
  t.ok(checkOptions({ nonce: { generate: () => '' } }, 'headers'))
  t.throws(() => checkOptions({ nonce: { generate: 'random' } }, 'headers'), { code: CODES.invalid, message: /headers\.nonce\.generate: expected a function, received a string/ })
})
