import t from 'tap'
import { policyHeaders, writePolicies, type IntegritySettings } from '../../../lib/integrity/policy.ts'

const cases: Array<[what: string, settings: IntegritySettings, headers: Array<[string, string]>]> = [
  ['nothing', {}, []],
  ['nothing, said', { integrityPolicy: false, integrityPolicyReportOnly: false }, []],
  ['scripts by default', { integrityPolicy: {} }, [['integrity-policy', 'blocked-destinations=(script)']]],
  ['both', { integrityPolicy: { blockedDestinations: ['script', 'style'] } }, [['integrity-policy', 'blocked-destinations=(script style)']]],
  ['one destination, once', { integrityPolicy: { blockedDestinations: ['script', 'script'] } }, [['integrity-policy', 'blocked-destinations=(script)']]],
  ['report-only, with endpoints', { integrityPolicyReportOnly: { endpoints: ['a', 'b-2'] } }, [['integrity-policy-report-only', 'blocked-destinations=(script), endpoints=(a b-2)']]],
  ['one enforced and another on trial', { integrityPolicy: { blockedDestinations: ['script'] }, integrityPolicyReportOnly: { blockedDestinations: ['style'] } }, [
    ['integrity-policy', 'blocked-destinations=(script)'], ['integrity-policy-report-only', 'blocked-destinations=(style)']]]
]
for (const [what, settings, headers] of cases) t.test(what, async (t) => t.same(policyHeaders(settings, 'integrity'), headers))

t.test('an endpoint that a browser would skip', async (t) => {
  for (const endpoint of ['', 'A', 'a b', 'a)', 'a,b', 'ä', '"a"']) {
    t.throws(() => policyHeaders({ integrityPolicy: { endpoints: ['a', endpoint] } }, 'integrity'), {
      code: 'BULWARK_ERR_INTEGRITY_OPTION_INVALID', message: 'integrity.integrityPolicy.endpoints[1]: expected a name'
    }, endpoint)
  }
})

t.test('documents get it, and nothing else; what is there stays', async (t) => {
  const written = (type: string | undefined, ...present: string[]): string[] => {
    const added: string[] = []
    writePolicies({ getHeader: () => type, hasHeader: (name) => present.includes(name), header: (name) => added.push(name) }, [['integrity-policy', 'x'], ['integrity-policy-report-only', 'y']])
    return added
  }
  t.same(written('text/html; charset=utf-8'), ['integrity-policy', 'integrity-policy-report-only'])
  t.same(written('image/svg+xml', 'integrity-policy'), ['integrity-policy-report-only'])
  t.same(written('application/json'), [])
  t.same(written(undefined), [])
})
