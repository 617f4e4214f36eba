import t from 'tap'
import { judgePolicy } from '../../../lib/cli/observatory-policy.ts'

// The table over which the Observatory itself is asked, too, is in test/suite/observatory-grades.test.ts.

const NONCE = "'nonce-abc'"
const cases: Array<[header: string | undefined, result: string]> = [
  [undefined, 'csp-not-implemented'],
  [';;;;;;;', 'csp-not-implemented'],
  ['', 'csp-header-invalid'],
  ['img', 'csp-header-invalid'],
  ["default-src 'none'", 'csp-implemented-with-no-unsafe-default-src-none'],
  ["default-src 'self'", 'csp-implemented-with-no-unsafe'],
  ['default-src', 'csp-implemented-with-no-unsafe-default-src-none'],
  ["DEFAULT-SRC 'NONE'", 'csp-implemented-with-no-unsafe-default-src-none'],
  ["script-src 'self'", 'csp-implemented-with-unsafe-inline'],
  ["default-src 'self'; script-src 'unsafe-inline'", 'csp-implemented-with-unsafe-inline'],
  [`default-src 'none'; script-src 'unsafe-inline' ${NONCE}`, 'csp-implemented-with-no-unsafe-default-src-none'],
  [`default-src 'none'; script-src 'self' https: 'strict-dynamic' ${NONCE}`, 'csp-implemented-with-no-unsafe-default-src-none'],
  ["default-src 'none'; script-src 'strict-dynamic'", 'csp-header-invalid'],
  ["default-src 'none'; script-src data:", 'csp-implemented-with-unsafe-inline'],
  ["default-src 'none'; object-src *", 'csp-implemented-with-unsafe-inline'],
  ["default-src 'none'; connect-src http://a.test", 'csp-implemented-with-insecure-scheme'],
  ["default-src 'none'; img-src http://a.test", 'csp-implemented-with-insecure-scheme-in-passive-content-only'],
  ["default-src 'none'; script-src 'unsafe-eval'", 'csp-implemented-with-unsafe-eval'],
  ["default-src 'none'; style-src 'unsafe-inline'", 'csp-implemented-with-unsafe-inline-in-style-src-only'],
  ["default-src 'none'; default-src 'none'", 'csp-header-invalid'],
  ["default-src 'none'; report-uri /a; report-uri /b", 'csp-implemented-but-duplicate-directives']
]
for (const [header, result] of cases) t.test(`${header ?? 'no header'} is ${result}`, async (t) => t.equal(judgePolicy(header, false, true).result, result))

t.test('over http, sources over http are no fault', async (t) => {
  t.equal(judgePolicy("default-src 'none'; connect-src http://a.test", false, false).result, 'csp-implemented-with-no-unsafe-default-src-none')
})

t.test('a policy that is only reported is told apart from none', async (t) => {
  t.equal(judgePolicy(undefined, true, true).result, 'csp-not-implemented-but-reporting-enabled')
})

t.test('frame-ancestors of a valid policy counts', async (t) => {
  t.equal(judgePolicy("frame-ancestors 'none'", false, true).hasFrameAncestors, true)
  t.equal(judgePolicy("img-src a.test; img-src b.test; frame-ancestors 'none'", false, true).hasFrameAncestors, false)
})
