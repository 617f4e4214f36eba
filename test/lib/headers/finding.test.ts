import t from 'tap'
import { lintPolicy } from '../../../lib/headers/csp-lint.ts'
import * as finding from '../../../lib/headers/finding.ts'

t.test('a finding is data: it has no behaviour, and every part of it is text', async (t) => {
  t.same(Object.keys(finding), [], 'the module is types alone')
  for (const found of lintPolicy("script-src 'unsafe-inline' *")) {
    t.same(Object.keys(found).sort(), ['code', 'message', 'severity', 'where'])
    t.match(found, { code: /^[a-z]+(-[a-z]+)*$/, severity: /^(high|medium|info)$/, where: /^[a-z-]+$/, message: /\.$/ })
    t.same(JSON.parse(JSON.stringify(found)), found)
  }
})
