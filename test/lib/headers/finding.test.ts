import t from 'tap'
import { lintPolicy } from '../../../lib/headers/csp-lint.ts'
import type { Finding, Severity } from '../../../lib/headers/finding.ts'
import { lintHeaders } from '../../../lib/headers/header-lint.ts'
import { PRESETS } from '../../../lib/headers/presets.ts'

const SEVERITIES: readonly Severity[] = ['high', 'medium', 'info']

t.test('a finding is data: a stable code, a severity, where, and one line for the operator', async (t) => {
  const findings: Finding[] = [
    ...lintPolicy({ 'default-src': ['*', "'unsafe-inline'", "'unsafe-eval'", 'http://a.test', 'unpkg.com'], 'report-to': ['a'] }),
    ...lintPolicy({ 'script-src': ["'strict-dynamic'"], 'style-src': ["'nonce'", "'unsafe-inline'"] }),
    ...lintHeaders({ ...PRESETS.strict, xXssProtection: '1', strictTransportSecurity: { maxAge: 1 }, referrerPolicy: 'unsafe-url' }, undefined)
  ]
  t.ok(findings.length > 12)
  for (const finding of findings) {
    t.same(Object.keys(finding).sort(), ['code', 'message', 'severity', 'where'])
    t.match(finding.code, /^[a-z]+(?:-[a-z]+)*$/)
    t.ok(SEVERITIES.includes(finding.severity))
    t.match(finding.where, /^[a-z]+(?:-[a-z]+)*$/)
    t.match(finding.message, /^[\x20-\x7e]+\.$/)
    t.same(JSON.parse(JSON.stringify(finding)), finding)
  }
})
