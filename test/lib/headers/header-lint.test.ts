import t from 'tap'
import { lintHeaders } from '../../../lib/headers/header-lint.ts'
import { PRESETS } from '../../../lib/headers/presets.ts'
import { resolveLayer, resolvePreset } from '../../../lib/headers/resolve.ts'
import type { HeaderSettings } from '../../../lib/headers/settings.ts'

function codes (layer: HeaderSettings): string[] {
  const { settings, enforced } = resolveLayer(resolvePreset(PRESETS.strict), layer, 'headers')
  return lintHeaders(settings, enforced).map(({ code, severity }) => `${code} ${severity}`)
}

const table: Array<[what: string, layer: HeaderSettings, expected: string[]]> = [
  ['the defaults have no finding', {}, []],
  ['no enforced policy is worth knowing', { contentSecurityPolicy: false }, ['policy-not-enforced info']],
  ['X-Frame-Options that says what frame-ancestors says is fine', { xFrameOptions: 'DENY' }, []],
  ['X-Frame-Options against frame-ancestors', { xFrameOptions: 'SAMEORIGIN' }, ['frame-options-contradict medium']],
  ['X-Frame-Options without frame-ancestors contradicts nothing', { xFrameOptions: 'SAMEORIGIN', contentSecurityPolicy: { remove: { 'frame-ancestors': true } } }, []],
  ['no X-Frame-Options contradicts nothing', { xFrameOptions: false }, []],
  ['the filter switched off is fine', { xXssProtection: '0' }, []],
  ['the filter switched on', { xXssProtection: '1' }, ['xss-protection-on high']],
  ['the filter in block mode', { xXssProtection: '1; mode=block' }, ['xss-protection-on high']],
  ['a year is long enough', { strictTransportSecurity: { maxAge: 31_536_000 } }, []],
  ['less than a year', { strictTransportSecurity: { maxAge: 31_535_999 } }, ['hsts-short medium']],
  ['the kill switch is worth knowing', { strictTransportSecurity: { maxAge: 0 } }, ['hsts-switched-off info']],
  ['no Strict-Transport-Security is a choice', { strictTransportSecurity: false }, []],
  ['a referrer that leaks', { referrerPolicy: 'unsafe-url' }, ['referrer-leaks medium']],
  ['a list of referrer policies with one that leaks', { referrerPolicy: ['no-referrer-when-downgrade', 'origin'] }, ['referrer-leaks medium']],
  ['a referrer that leaks from other replies', { nonDocument: { referrerPolicy: 'unsafe-url' } }, ['referrer-leaks medium']]
]
for (const [what, layer, expected] of table) {
  t.test(what, async (t) => t.same(codes(layer), expected))
}
