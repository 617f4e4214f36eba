import t from 'tap'
import type { Finding, Severity } from '../../../lib/headers/finding.ts'
import { exitCodeOf, failOnOption, thresholdOf, type Threshold } from '../../../lib/cli/severity.ts'

const of = (...severities: Severity[]): Finding[] => severities.map((severity) => ({ code: 'a', severity, where: 'b', message: 'C.' }))

const cases: Array<[findings: Finding[], threshold: Threshold, exitCode: number]> = [
  [of(), 'info', 0],
  [of('info'), 'info', 1],
  [of('info'), 'low', 0],
  [of('low'), 'low', 1],
  [of('low', 'info'), 'medium', 0],
  [of('info', 'medium'), 'medium', 1],
  [of('medium'), 'high', 0],
  [of('low', 'high'), 'high', 1],
  [of('high'), 'never', 0]
]
for (const [findings, threshold, exitCode] of cases) {
  t.test(`--fail-on ${threshold} with ${findings.map(({ severity }) => severity).join(' and ') || 'nothing'} gives ${exitCode}`, async (t) => {
    t.equal(exitCodeOf(findings, threshold), exitCode)
  })
}

t.test('the threshold is the given one or the default, and nothing else', async (t) => {
  t.equal(thresholdOf({ options: {}, operands: [] }, 'high'), 'high')
  t.equal(thresholdOf({ options: { 'fail-on': 'never' }, operands: [] }, 'high'), 'never')
  t.throws(() => thresholdOf({ options: { 'fail-on': 'meduim' }, operands: [] }, 'high'), { message: '--fail-on expects info, low, medium, high or never: did you mean medium?' })
  t.match(failOnOption('never').description, /info, low, medium, high, or never\. Default: never\.$/)
})
