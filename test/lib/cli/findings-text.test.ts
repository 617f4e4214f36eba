import t from 'tap'
import type { Finding } from '../../../lib/headers/finding.ts'
import { countOf, findingsText } from '../../../lib/cli/findings-text.ts'
import { plain } from '../../../lib/cli/paint.ts'

const high: Finding = { code: 'a-b', severity: 'high', where: 'script-src', message: 'It is open.' }
const low: Finding = { code: 'c', severity: 'low', where: 'x', message: 'A \x1b[31mred\x1b[0m word.' }

t.test('one row a finding, and a line that counts them', async (t) => {
  t.equal(findingsText([high, low], plain, 100), 'high  a-b  script-src: It is open.\nlow   c    x: A \\u{1b}[31mred\\u{1b}[0m word.\n\n2 findings: 1 high, 1 low.')
  t.equal(findingsText([], plain, 100), 'No findings.')
})

t.test('the count', async (t) => {
  t.equal(countOf([low]), '1 finding: 1 low.')
  t.equal(countOf([low, high, low]), '3 findings: 1 high, 2 low.')
  t.equal(countOf([]), 'No findings.')
})
