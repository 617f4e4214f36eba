import type { Policy } from './csp-policy.ts'
import type { Finding } from './finding.ts'
import type { HeaderSettings } from './settings.ts'
import { YEAR } from './strict-transport-security.ts'
import { formatXFrameOptions } from './x-frame-options.ts'

/** What is weak in the headers besides the policy itself. */
export function lintHeaders (settings: Required<HeaderSettings>, enforced: Policy | undefined): Finding[] {
  const findings: Finding[] = []
  if (enforced === undefined) {
    findings.push({ code: 'policy-not-enforced', severity: 'info', where: 'content-security-policy', message: 'No policy is enforced on document replies.' })
  }
  const { xFrameOptions, xXssProtection, strictTransportSecurity, referrerPolicy, nonDocument } = settings
  const derived = formatXFrameOptions('derive', enforced)
  if (xFrameOptions !== false && xFrameOptions !== 'derive' && enforced?.has('frame-ancestors') === true && xFrameOptions !== derived) {
    findings.push({ code: 'frame-options-contradict', severity: 'medium', where: 'x-frame-options', message: '`X-Frame-Options` and `frame-ancestors` say different things: browsers that know the latter ignore the former. Use `\'derive\'`.' })
  }
  if (xXssProtection !== false && xXssProtection !== '0') {
    findings.push({ code: 'xss-protection-on', severity: 'high', where: 'x-xss-protection', message: 'The filter let attackers probe what is on a page: send `\'0\'` or nothing.' })
  }
  if (strictTransportSecurity !== false && strictTransportSecurity.maxAge !== undefined && strictTransportSecurity.maxAge < YEAR) {
    const off = strictTransportSecurity.maxAge === 0
    findings.push({ code: off ? 'hsts-switched-off' : 'hsts-short', severity: off ? 'info' : 'medium', where: 'strict-transport-security', message: off ? '`maxAge: 0` makes browsers forget that the host is https only.' : 'Less than a year (ASVS 5.0 3.4.1).' })
  }
  if ([referrerPolicy, nonDocument.referrerPolicy].flat().some((token) => token === 'unsafe-url' || token === 'no-referrer-when-downgrade')) {
    findings.push({ code: 'referrer-leaks', severity: 'medium', where: 'referrer-policy', message: 'The whole address, query included, goes to other sites.' })
  }
  return findings
}
