import fc from 'fast-check'
import t from 'tap'
import { formatPermissionsPolicy, parsePermissionsPolicy, type PermissionsPolicy } from '../../../lib/headers/permissions-policy.ts'

function format (policy: unknown): string | undefined {
  return formatPermissionsPolicy(parsePermissionsPolicy(policy as PermissionsPolicy, 'permissionsPolicy'))
}

const formatted: Array<[rule: string, policy: PermissionsPolicy, value: string | undefined]> = [
  ['nobody', { camera: [] }, 'camera=()'],
  ['the page itself', { camera: ['self'] }, 'camera=(self)'],
  ['everybody', { camera: ['*'] }, 'camera=*'],
  ['an origin', { geolocation: ['https://maps.test'] }, 'geolocation=("https://maps.test")'],
  ['the page and origins', { geolocation: ['self', 'https://*.maps.test', 'http://localhost:3000', 'https://a.test:65535'] }, 'geolocation=(self "https://*.maps.test" "http://localhost:3000" "https://a.test:65535")'],
  ['several features, in order', { usb: [], camera: ['self'] }, 'usb=(), camera=(self)'],
  ['a name in camelCase', { displayCapture: [], 'screen-wake-lock': [], publickeyCredentialsGet: ['self'] }, 'display-capture=(), screen-wake-lock=(), publickey-credentials-get=(self)'],
  ['a feature taken off', { camera: false, usb: [] }, 'usb=()'],
  ['no feature, no header', {}, undefined],
  ['every feature taken off, no header', { camera: false, usb: false }, undefined]
]

for (const [rule, policy, value] of formatted) {
  t.test(`Permissions-Policy: ${rule}`, async (t) => t.equal(format(policy), value))
}

const MEMBER = "expected `'self'`, `'*'` or an origin such as `'https://maps.test'`, received"

const refused: Array<[what: string, policy: unknown, message: string]> = [
  ['a quoted self', { camera: ["'self'"] }, `permissionsPolicy.camera[0]: ${MEMBER} a string of length 6.`],
  ['a quoted none', { camera: ["'none'"] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['none', { camera: ['none'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['src, which is a word for iframes', { camera: ['src'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin without a scheme', { camera: ['self', 'maps.test'] }, `permissionsPolicy.camera[1]: ${MEMBER}`],
  ['an origin with a path', { camera: ['https://maps.test/'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin with a port too high', { camera: ['https://maps.test:65536'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin with credentials', { camera: ['https://a@maps.test'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin that is no address', { camera: ['https://1.2.3.4.5'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin with a quote', { camera: ['https://maps.test"'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin with a line break', { camera: ['https://maps.test\r\nx: y'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['a line break behind an origin', { camera: ['https://maps.test\n'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an origin beyond ASCII', { camera: ['https://b\u00fccher.test'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['another scheme', { camera: ['javascript://maps.test'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an opaque origin', { camera: ['null'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['a wildcard in the middle', { camera: ['https://a.*.test'] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['an empty text', { camera: [''] }, `permissionsPolicy.camera[0]: ${MEMBER}`],
  ['a hole', { camera: Array(1) }, `permissionsPolicy.camera[0]: ${MEMBER} undefined.`],
  ['* with company', { camera: ['*', 'self'] }, "permissionsPolicy.camera: expected `'*'` alone, received an array of length 2."],
  ['* with company in front', { camera: ['self', '*'] }, "permissionsPolicy.camera: expected `'*'` alone, received an array of length 2."],
  ['one feature in two spellings', { displayCapture: [], 'display-capture': ['*'] }, 'permissionsPolicy.display-capture: expected each feature once, received an array of length 1.'],
  ['one feature in two spellings, once taken off', { displayCapture: [], 'display-capture': false }, 'permissionsPolicy.display-capture: expected each feature once, received boolean.']
]

for (const [what, policy, message] of refused) {
  t.test(`an allowlist is refused: ${what}`, async (t) => {
    t.throws(() => format(policy), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message })
  })
}

t.test('a feature that no browser knows is refused with the nearest', async (t) => {
  for (const [key, nearest] of [['camrea', 'camera'], ['CAMERA', 'camera'], ['geo-location', 'geolocation'], ['wakeLock', ''], ['constructor', ''], ['', ''], ['camera\n', 'camera']] as const) {
    t.throws(() => format({ [key]: [] }), { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', message: `Did you mean \`${nearest}` }, key)
  }
  t.throws(() => format(JSON.parse('{"__proto__":[]}')), { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN' })
})

t.test('property: a header is printable ASCII whatever the allowlist holds, or the allowlist is refused', async () => {
  const member = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('self', '*', 'https://a.test', 'https://*.a.test:8443'), fc.string({ unit: 'binary' }).map((text) => `https://${text}`), fc.string({ unit: 'binary' }).map((text) => `https://a.test${text}`))
  fc.assert(fc.property(fc.array(member), (allowlist) => {
    try {
      return /^camera=(?:\*|\([ -~]*\))$/.test(format({ camera: allowlist })!)
    } catch (error) {
      return (error as { code?: string }).code === 'BULWARK_ERR_HEADERS_OPTION_INVALID'
    }
  }), { numRuns: 1000 })
})
