import t from 'tap'
import { SecurityError } from '../../../lib/errors.ts'
import { compileOptions } from '../../../lib/options.ts'
import { headersDefaults, PRESETS } from '../../../lib/headers/presets.ts'
import { headersSchema, routeHeadersSchema, type HeadersOptions, type HeaderSettings } from '../../../lib/headers/settings.ts'

const CODES = { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' } as const
const checkOptions = compileOptions<HeadersOptions>(headersSchema, CODES)
const checkRoute = compileOptions<HeaderSettings | false>(routeHeadersSchema, CODES)

const SETTINGS = Object.keys(PRESETS.strict) as Array<keyof HeaderSettings>
const CANNOT_BE_FALSE = ['nonDocument']

t.test('the defaults and the presets are valid options', async (t) => {
  t.equal(checkOptions(headersDefaults, 'headers'), headersDefaults)
  for (const preset of Object.values(PRESETS)) {
    t.equal(checkOptions(preset, 'headers'), preset)
    t.equal(checkRoute(preset, 'route'), preset)
  }
})

t.test('every header can be switched off, for the application and for a route', async (t) => {
  for (const key of SETTINGS.filter((key) => !CANNOT_BE_FALSE.includes(key))) {
    t.same(checkOptions({ [key]: false }, 'headers'), { [key]: false }, key)
    t.same(checkRoute({ [key]: false }, 'route'), { [key]: false }, key)
  }
  t.equal(checkRoute(false, 'route'), false)
})

t.test('no option takes a value that is not its own', async (t) => {
  const wrong = [null, 5, 'wrong', Symbol('x'), () => true]
  for (const key of [...SETTINGS, 'preset', 'lint', 'nonce']) {
    for (const value of wrong) {
      t.throws(() => checkOptions({ [key]: value }, 'headers'), { code: CODES.invalid, message: `headers.${key}: expected ` }, key)
    }
  }
})

const unknown: Array<[what: string, options: object, path: string, nearest: string]> = [
  ['at the top', { xFrameOption: 'DENY' }, 'xFrameOption', 'xFrameOptions'],
  ['the name of helmet for X-Frame-Options', { frameguard: false }, 'frameguard', ''],
  ['a header\'s own name', { 'content-security-policy': {} }, 'content-security-policy', 'contentSecurityPolicy'],
  ['in a policy', { contentSecurityPolicy: { sets: {} } }, 'contentSecurityPolicy.sets', 'set'],
  ['in a report-only policy', { contentSecurityPolicyReportOnly: { add: {} } }, 'contentSecurityPolicyReportOnly.add', ''],
  ['in HSTS', { strictTransportSecurity: { maxage: 1 } }, 'strictTransportSecurity.maxage', 'maxAge'],
  ['in Trusted Types', { trustedTypes: { mode: 'enforce', polices: [] } }, 'trustedTypes.polices', 'policies'],
  ['in reporting', { reporting: { endpoints: {}, endpoint: {} } }, 'reporting.endpoint', 'endpoints'],
  ['in nonDocument', { nonDocument: { refererPolicy: 'origin' } }, 'nonDocument.refererPolicy', 'referrerPolicy'],
  ['in a policy of nonDocument', { nonDocument: { contentSecurityPolicy: { sett: {} } } }, 'nonDocument.contentSecurityPolicy.sett', 'set'],
  ['in nonce', { nonce: { generator: () => 'x' } }, 'nonce.generator', 'generate']
]

for (const [what, options, path, nearest] of unknown) {
  t.test(`a key that no option has is refused ${what}`, async (t) => {
    t.throws(() => checkOptions(options, 'headers'), { code: CODES.unknown, message: `headers.${path}: expected a known name, received an unknown one. ${nearest === '' ? 'The names are' : `Did you mean \`${nearest}`}` })
  })
}

t.test('a route has the settings, and not what is the application\'s', async (t) => {
  for (const key of ['preset', 'lint', 'nonce']) t.throws(() => checkRoute({ [key]: 'strict' }, 'route'), { code: CODES.unknown }, key)
  for (const value of [true, null, [], 'off', 0]) t.throws(() => checkRoute(value, 'route'), { code: CODES.invalid, message: 'route: expected an object or `false`, received' })
})

t.test('every option says what it is', async (t) => {
  const { properties } = headersSchema as { properties: Record<string, { description?: string }> }
  t.same(Object.keys(properties).sort(), [...SETTINGS, 'preset', 'lint', 'nonce'].sort())
  for (const [key, { description }] of Object.entries(properties)) t.match(description, /^[\x20-\x7e]+\.$/, key)
})

t.test('a default that an option tells is the one that holds', async (t) => {
  const { properties } = headersSchema as { properties: Record<string, { default?: unknown }> }
  for (const [key, node] of Object.entries(properties)) {
    if ('default' in node) t.same(node.default, (headersDefaults as Record<string, unknown>)[key], key)
  }
})

t.test('property of the schema: an error is a SecurityError', async (t) => {
  t.throws(() => checkOptions(undefined, 'headers'), SecurityError)
})
