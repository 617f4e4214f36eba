import t from 'tap'
import { formatPolicy, type Policy } from '../../../lib/headers/csp-policy.ts'
import { PRESETS } from '../../../lib/headers/presets.ts'
import { finishPolicies, formatHeaders, resolveLayer, resolvePreset, type ResolvedHeaders } from '../../../lib/headers/resolve.ts'
import type { HeaderSettings } from '../../../lib/headers/settings.ts'

const strict = resolvePreset(PRESETS.strict)

/** A preset small enough to be read in an expectation. */
const small = resolvePreset({
  ...PRESETS.strict,
  contentSecurityPolicy: { replace: true, set: { 'default-src': ["'self'"], 'frame-ancestors': ["'none'"] } },
  permissionsPolicy: { camera: [], usb: [] }
})

function layers (...all: HeaderSettings[]): ResolvedHeaders {
  return all.reduce((base, layer) => resolveLayer(base, layer, 'headers'), small)
}

function text (policy: Policy | undefined): string | undefined {
  return policy && formatPolicy(policy)
}

const SELF = "default-src 'self'; frame-ancestors 'none'"
const API = "default-src 'none'; frame-ancestors 'none'"

const policies: Array<[rule: string, layers: HeaderSettings[], enforced: string | undefined, reportOnly: string | undefined, nonDocument: string | undefined]> = [
  ['the preset', [], SELF, undefined, API],
  ['an empty layer changes nothing', [{}], SELF, undefined, API],
  ['changes add up layer by layer', [{ contentSecurityPolicy: { append: { 'default-src': ['a.test'] } } }, { contentSecurityPolicy: { append: { 'default-src': ['b.test'] } } }], "default-src 'self' a.test b.test; frame-ancestors 'none'", undefined, API],
  ['false enforces nothing, on other replies either', [{ contentSecurityPolicy: false }], undefined, undefined, undefined],
  ['what is turned on again starts from the preset, other replies, too', [{ contentSecurityPolicy: false }, { contentSecurityPolicy: {} }], SELF, undefined, API],
  ['false for other replies alone', [{ nonDocument: { contentSecurityPolicy: false } }], SELF, undefined, undefined],
  ['other replies alone', [{ contentSecurityPolicy: false, nonDocument: { contentSecurityPolicy: {} } }], undefined, undefined, API],
  ['changes of documents leave other replies alone', [{ contentSecurityPolicy: { append: { 'default-src': ['a.test'] } } }], "default-src 'self' a.test; frame-ancestors 'none'", undefined, API],
  ['changes of other replies', [{ nonDocument: { contentSecurityPolicy: { set: { sandbox: [] } } } }], SELF, undefined, "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ['report-only starts from what is enforced', [{ contentSecurityPolicy: { append: { 'default-src': ['a.test'] } }, contentSecurityPolicyReportOnly: { remove: { 'default-src': ["'self'"] } } }], "default-src 'self' a.test; frame-ancestors 'none'", "default-src a.test; frame-ancestors 'none'", API],
  ['report-only never turns enforcement on', [{ contentSecurityPolicy: false, contentSecurityPolicyReportOnly: {} }], undefined, SELF, undefined],
  ['report-only without enforcement starts from what was enforced', [{ contentSecurityPolicy: { set: { 'img-src': ['*'] } } }, { contentSecurityPolicy: false, contentSecurityPolicyReportOnly: {} }], undefined, "default-src 'self'; img-src *; frame-ancestors 'none'", undefined],
  ['report-only without any enforcement starts from the preset', [{ contentSecurityPolicy: false }, { contentSecurityPolicyReportOnly: {} }], undefined, SELF, undefined],
  ['a route changes the report-only policy of the application', [{ contentSecurityPolicyReportOnly: { set: { 'default-src': ["'none'"] } } }, { contentSecurityPolicyReportOnly: { append: { 'img-src': ['a.test'] } } }], SELF, "default-src 'none'; img-src a.test; frame-ancestors 'none'", API],
  ['a route takes the report-only policy away', [{ contentSecurityPolicyReportOnly: {} }, { contentSecurityPolicyReportOnly: false }], SELF, undefined, API],
  ['a change of the enforced policy does not touch report-only', [{ contentSecurityPolicyReportOnly: { set: { 'img-src': ['r.test'] } } }, { contentSecurityPolicy: { set: { 'img-src': ['e.test'] } } }], "default-src 'self'; img-src e.test; frame-ancestors 'none'", "default-src 'self'; img-src r.test; frame-ancestors 'none'", API],
  ['undefined says nothing', [{ contentSecurityPolicy: undefined, contentSecurityPolicyReportOnly: undefined, nonDocument: undefined } as unknown as HeaderSettings, { nonDocument: { contentSecurityPolicy: undefined } } as unknown as HeaderSettings], SELF, undefined, API]
]

for (const [rule, all, enforced, reportOnly, nonDocument] of policies) {
  t.test(`layers of policies: ${rule}`, async (t) => {
    const resolved = layers(...all)
    t.equal(text(resolved.enforced), enforced)
    t.equal(text(resolved.reportOnly), reportOnly)
    t.equal(text(resolved.nonDocument), nonDocument)
    t.equal(text(small.enforced), SELF, 'the base is left alone')
  })
}

const finished: Array<[rule: string, settings: HeaderSettings, enforced: string | undefined, reportOnly: string | undefined, nonDocument: string | undefined]> = [
  ['nothing to work in', {}, SELF, undefined, API],
  ['Trusted Types enforced', { trustedTypes: { mode: 'enforce' } }, `${SELF}; require-trusted-types-for 'script'`, undefined, API],
  ['Trusted Types reported have a policy of their own', { trustedTypes: { mode: 'report-only', policies: ['a'] } }, SELF, "require-trusted-types-for 'script'; trusted-types a", API],
  ['Trusted Types whose names join those of the policy', { contentSecurityPolicy: { append: { 'trusted-types': ['b', 'a'] } }, trustedTypes: { mode: 'enforce', policies: ['a', 'c'] } }, `${SELF}; require-trusted-types-for 'script'; trusted-types b a c`, undefined, API],
  ['Trusted Types with a name beside the word for none', { contentSecurityPolicy: { append: { 'trusted-types': ['b'] } }, trustedTypes: { mode: 'enforce', policies: ["'none'"] } }, `${SELF}; require-trusted-types-for 'script'; trusted-types b`, undefined, API],
  ['Trusted Types that no policy may be made for', { trustedTypes: { mode: 'enforce', policies: ["'none'"] } }, `${SELF}; require-trusted-types-for 'script'; trusted-types 'none'`, undefined, API],
  ['Trusted Types that leave the names to the policy', { contentSecurityPolicy: { append: { 'trusted-types': ['b'] } }, trustedTypes: { mode: 'enforce' } }, `${SELF}; require-trusted-types-for 'script'; trusted-types b`, undefined, API],
  ['Trusted Types reported beside a report-only policy', { trustedTypes: { mode: 'report-only' }, contentSecurityPolicyReportOnly: {} }, SELF, `${SELF}; require-trusted-types-for 'script'`, API],
  ['reports of every policy', { reporting: { endpoints: { csp: '/r', other: '/o' } }, contentSecurityPolicyReportOnly: {} }, `${SELF}; report-uri /r; report-to csp`, `${SELF}; report-uri /r; report-to csp`, `${API}; report-uri /r; report-to csp`],
  ['reports make no policy where there is none', { reporting: { endpoints: { csp: '/r' } }, contentSecurityPolicy: false }, undefined, undefined, undefined],
  ['reports that a policy names itself are left', { reporting: { endpoints: { csp: '/r' } }, contentSecurityPolicy: { set: { 'report-to': ['mine'], 'report-uri': ['/mine'] } } }, `${SELF}; report-uri /mine; report-to mine`, undefined, `${API}; report-uri /r; report-to csp`],
  ['report-only leaves out what browsers ignore there', { contentSecurityPolicy: { set: { sandbox: [], 'upgrade-insecure-requests': true } }, contentSecurityPolicyReportOnly: {} }, `${SELF}; sandbox; upgrade-insecure-requests`, SELF, API]
]

for (const [rule, settings, enforced, reportOnly, nonDocument] of finished) {
  t.test(`finished policies: ${rule}`, async (t) => {
    const policies = finishPolicies(layers(settings))
    t.equal(text(policies.enforced), enforced)
    t.equal(text(policies.reportOnly), reportOnly)
    t.equal(text(policies.nonDocument), nonDocument)
  })
}

function headersOf (resolved: ResolvedHeaders): Record<string, readonly [document: string | undefined, nonDocument: string | undefined]> {
  return Object.fromEntries(formatHeaders(resolved).flatMap(({ name, document, nonDocument }) => document === undefined && nonDocument === undefined ? [] : [[name, [document, nonDocument] as const]]))
}

const DEFAULTS = {
  'strict-transport-security': ['max-age=31536000; includeSubDomains', 'max-age=31536000; includeSubDomains'],
  'x-content-type-options': ['nosniff', 'nosniff'],
  'referrer-policy': ['strict-origin-when-cross-origin', 'no-referrer'],
  'cross-origin-opener-policy': ['same-origin', undefined],
  'cross-origin-resource-policy': ['same-origin', 'same-origin'],
  'permissions-policy': ['camera=(), usb=()', undefined],
  'origin-agent-cluster': ['?1', undefined]
}

t.test('the headers of the preset, for documents and for other replies', async (t) => {
  t.same(headersOf(small), DEFAULTS)
  t.same(formatHeaders(small).filter(({ https }) => https === true).map(({ name }) => name), ['strict-transport-security'], 'one goes over https alone')
})

const changed: Array<[rule: string, layers: HeaderSettings[], difference: Record<string, unknown>]> = [
  ['everything off', [{ strictTransportSecurity: false, xContentTypeOptions: false, referrerPolicy: false, crossOriginOpenerPolicy: false, crossOriginResourcePolicy: false, permissionsPolicy: false, originAgentCluster: false }],
    Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined]))],
  ['values', [{ strictTransportSecurity: { maxAge: 1 }, crossOriginOpenerPolicy: 'unsafe-none', crossOriginEmbedderPolicy: 'require-corp', crossOriginResourcePolicy: 'cross-origin', xXssProtection: '0', reporting: { endpoints: { a: '/r' } } }], {
    'strict-transport-security': ['max-age=1; includeSubDomains', 'max-age=1; includeSubDomains'],
    'cross-origin-opener-policy': ['unsafe-none', undefined],
    'cross-origin-embedder-policy': ['require-corp', undefined],
    'cross-origin-resource-policy': ['cross-origin', 'cross-origin'],
    'x-xss-protection': ['0', undefined],
    'reporting-endpoints': ['a="/r"', 'a="/r"']
  }],
  ['the referrer of documents leaves that of other replies', [{ referrerPolicy: 'origin' }], { 'referrer-policy': ['origin', 'no-referrer'] }],
  ['a referrer off is off everywhere', [{ referrerPolicy: false }], { 'referrer-policy': undefined }],
  ['a referrer off for documents alone', [{ referrerPolicy: false, nonDocument: { referrerPolicy: 'origin' } }], { 'referrer-policy': [undefined, 'origin'] }],
  ['a referrer off for other replies alone', [{ nonDocument: { referrerPolicy: false } }], { 'referrer-policy': ['strict-origin-when-cross-origin', undefined] }],
  ['a list of referrer policies', [{ referrerPolicy: ['origin', 'no-referrer'] }], { 'referrer-policy': ['origin, no-referrer', 'no-referrer'] }],
  ['features are laid over one another', [{ permissionsPolicy: { camera: ['self'], geolocation: [] } }, { permissionsPolicy: { usb: false } }], { 'permissions-policy': ['camera=(self), geolocation=()', undefined] }],
  ['features that are off come back whole', [{ permissionsPolicy: false }, { permissionsPolicy: { usb: ['self'] } }], { 'permissions-policy': ['camera=(), usb=(self)', undefined] }],
  ['a later layer wins', [{ crossOriginOpenerPolicy: false }, { crossOriginOpenerPolicy: 'same-origin-allow-popups' }], { 'cross-origin-opener-policy': ['same-origin-allow-popups', undefined] }],
  ['one part of nonDocument leaves the other', [{ nonDocument: { referrerPolicy: 'origin' } }, { nonDocument: { contentSecurityPolicy: false } }], { 'referrer-policy': ['strict-origin-when-cross-origin', 'origin'] }],
  ['undefined says nothing', [Object.fromEntries(Object.keys(PRESETS.strict).map((key) => [key, undefined])), { nonDocument: { referrerPolicy: undefined } } as unknown as HeaderSettings], {}]
]

for (const [rule, all, difference] of changed) {
  t.test(`headers: ${rule}`, async (t) => {
    const expected = Object.fromEntries(Object.entries({ ...DEFAULTS, ...difference }).filter(([, value]) => value !== undefined))
    t.same(headersOf(layers(...all)), expected)
  })
}

const INVALID = 'BULWARK_ERR_HEADERS_OPTION_INVALID'
const refused: Array<[what: string, settings: HeaderSettings, code: string, message: string]> = [
  ['an enforced policy', { contentSecurityPolicy: { set: { 'img-src': ['a b'] } } }, 'BULWARK_ERR_HEADERS_POLICY_INVALID', 'headers.contentSecurityPolicy.set.img-src[0]: '],
  ['a report-only policy', { contentSecurityPolicyReportOnly: { append: { 'img-src': ['a b'] } } }, 'BULWARK_ERR_HEADERS_POLICY_INVALID', 'headers.contentSecurityPolicyReportOnly.append.img-src[0]: '],
  ['the policy of other replies', { nonDocument: { contentSecurityPolicy: { remove: { 'img-src': ['a b'] } } } }, 'BULWARK_ERR_HEADERS_POLICY_INVALID', 'headers.nonDocument.contentSecurityPolicy.remove.img-src[0]: '],
  ['a feature', { permissionsPolicy: { camera: ['x'] } }, INVALID, 'headers.permissionsPolicy.camera[0]: '],
  ['an endpoint', { reporting: { endpoints: { a: 'x' } } }, INVALID, 'headers.reporting.endpoints.a: '],
  ['preload without its preconditions', { strictTransportSecurity: { preload: true, maxAge: 1 } }, INVALID, 'headers.strictTransportSecurity.preload: '],
  ['a Trusted Types name', { trustedTypes: { mode: 'enforce', policies: ['a b'] } }, 'BULWARK_ERR_HEADERS_POLICY_INVALID', 'headers.trustedTypes.trusted-types[0]: '],
  ['Trusted Types enforced where no policy is', { contentSecurityPolicy: false, trustedTypes: { mode: 'enforce' } }, INVALID, "headers.trustedTypes.mode: expected `'report-only'` where no policy is enforced, received a string of length 7."]
]

for (const [what, settings, code, message] of refused) {
  t.test(`what a specification refuses is refused with its path: ${what}`, async (t) => {
    t.throws(() => resolveLayer(strict, settings, 'headers'), { code, message })
  })
}

t.test('Trusted Types reported need no enforced policy', async (t) => {
  t.doesNotThrow(() => layers({ contentSecurityPolicy: false, trustedTypes: { mode: 'report-only' } }))
})

t.test('a route that switches the policy off under enforced Trusted Types is told', async (t) => {
  t.throws(() => layers({ trustedTypes: { mode: 'enforce' } }, { contentSecurityPolicy: false }), { code: INVALID })
  t.doesNotThrow(() => layers({ trustedTypes: { mode: 'enforce' } }, { contentSecurityPolicy: false, trustedTypes: false }))
})

t.test('the settings that were given are never written to', async (t) => {
  const settings = { referrerPolicy: false, nonDocument: Object.freeze({}), permissionsPolicy: Object.freeze({ camera: Object.freeze([]) }) } as const
  const before = JSON.stringify(settings)
  layers(Object.freeze(settings))
  t.equal(JSON.stringify(settings), before)
})
