import t from 'tap'
import { formatPermissionsPolicy, parsePermissionsPolicy, permissionsPolicySchema, type PermissionsPolicy } from '../../../lib/headers/permissions-policy.ts'
import { compileOptions } from '../../../lib/options.ts'

const table: Array<[what: string, policy: PermissionsPolicy, expected: string | undefined]> = [
  ['an empty list is nobody', { camera: [] }, 'camera=()'],
  ['self is a token', { camera: ['self'] }, 'camera=(self)'],
  ['everybody is an asterisk without brackets', { camera: ['*'] }, 'camera=*'],
  ['origins are strings', { camera: ['self', 'https://maps.test'] }, 'camera=(self "https://maps.test")'],
  ['an origin may begin with a wildcard', { geolocation: ['https://*.maps.test:8443'] }, 'geolocation=("https://*.maps.test:8443")'],
  ['camelCase is admitted', { displayCapture: [] }, 'display-capture=()'],
  ['features keep their order', { usb: [], camera: [] }, 'usb=(), camera=()'],
  ['a feature that is taken off is not sent', { usb: [], camera: false }, 'usb=()'],
  ['no feature, no header', { camera: false }, undefined]
]
for (const [what, policy, expected] of table) {
  t.test(what, async (t) => t.equal(formatPermissionsPolicy(parsePermissionsPolicy(policy, 'headers.permissionsPolicy')), expected))
}

const refused: Array<[what: string, policy: Record<string, readonly string[] | false>, code: string, message: RegExp]> = [
  ['a misspelt feature', { camra: [] }, 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', /`camera`/],
  ['a feature in two spellings', { 'display-capture': [], displayCapture: [] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /displayCapture/],
  ['self in quotes', { camera: ["'self'"] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /camera\[0\]/],
  ['an origin with a path', { camera: ['https://maps.test/'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /origin/],
  ['a host without a scheme', { camera: ['maps.test'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /origin/],
  ['a port beyond 65535', { camera: ['https://maps.test:65536'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /origin/],
  ['a quote', { camera: ['https://maps.test"'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /origin/],
  ['non-ASCII text', { camera: ['https://mäps.test'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /origin/],
  ['everybody in company', { camera: ['*', 'self'] }, 'BULWARK_ERR_HEADERS_OPTION_INVALID', /alone/]
]
for (const [what, policy, code, message] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => parsePermissionsPolicy(policy as PermissionsPolicy, 'headers.permissionsPolicy'), { code, message }))
}

t.test('the shape is feature to list or `false`', async (t) => {
  const check = compileOptions(permissionsPolicySchema, { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  t.same(check({ camera: [], usb: false }, 'permissionsPolicy'), { camera: [], usb: false })
  for (const value of [{ camera: 'self' }, { camera: true }, { camera: [1] }, ['camera'], 'camera=()', null, new Map()]) {
    t.throws(() => check(value, 'permissionsPolicy'), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  }
})
