import type { Finding } from '../headers/finding.ts'
import { onlyOperand } from './arguments.ts'
import { boundedText } from './bounded-text.ts'
import { columns, type Cell } from './columns.ts'
import type { Command } from './command.ts'
import { CommandError } from './command-error.ts'
import { meaningOfDirective, meaningOfExpression } from './csp-meaning.ts'
import { findingsOf, readPolicies, type Reading } from './csp-reading.ts'
import { findingsText } from './findings-text.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { exitCodeOf, failOnOption, thresholdOf } from './severity.ts'

/** Characters of a policy: four times what Node takes for all headers together. */
const LONGEST = 65_536

/** Explains and judges a Content-Security-Policy. */
export const csp: Command = {
  name: 'csp',
  summary: 'Explains a Content-Security-Policy directive by directive and names its weaknesses.',
  usage: ['csp "<policy>"', 'csp -'],
  details: 'With -, it reads the policy, or the output of curl -I, from standard input. A policy that breaks the grammar is read as a browser reads it, and every fault is a finding.',
  options: { 'fail-on': failOnOption('high') },
  example: 'csp "default-src \'self\'; script-src \'self\' https://cdn.test"',
  async run (input, { stdin }) {
    const threshold = thresholdOf(input, 'high')
    const operand = onlyOperand(input, 'one policy in quotation marks, or -')
    const policy = policyIn(operand === '-' ? await boundedText(stdin) : operand)
    if (policy.length > LONGEST) throw new CommandError(`The policy is longer than ${LONGEST} characters, which no server would send.`)
    const readings = readPolicies(policy)
    if (readings.length === 0) throw new CommandError('There is no Content-Security-Policy in the input.')
    const findings = findingsOf(readings)
    return {
      data: { policies: readings.map(explain), findings },
      text: (paint, width) => report(readings, findings, paint, width),
      exitCode: exitCodeOf(findings, threshold)
    }
  }
}

/** The policies in the headers of a reply, the enforced ones before those that are only reported, or else the text itself. */
export function policyIn (text: string): string {
  for (const name of ['content-security-policy', 'content-security-policy-report-only']) {
    const values = [...text.matchAll(new RegExp(`^(?:< )?${name}:(.*)$`, 'gim'))].map(([, value]) => value!)
    if (values.length > 0) return values.join(',')
  }
  // The headers of a reply without a policy, and not a policy in several lines.
  return /^HTTP\/\d/.test(text) ? '' : text
}

interface Explanation {
  readonly name: string
  readonly means: string
  readonly expressions: ReadonlyArray<{ readonly expression: string, readonly means: string | null }>
}

function explain ({ directives }: Reading): { directives: Explanation[] } {
  return {
    directives: directives.map(({ name, expressions }) => ({
      name,
      means: meaningOfDirective(name),
      expressions: expressions.map(({ text, known }) => ({ expression: text, means: known === undefined ? null : meaningOfExpression(name, known) }))
    }))
  }
}

function report (readings: readonly Reading[], findings: readonly Finding[], paint: Paint, width: number): string {
  const blocks = readings.flatMap((reading, index) => [
    ...(readings.length > 1 ? [paint('bold', `Policy ${index + 1} of ${readings.length}: a browser allows what all of them allow.`)] : []),
    ...explain(reading).directives.map(({ name, means, expressions }) => {
      const rows = expressions.map(({ expression, means }): Cell[] => [{ text: printable(expression) }, { text: printable(means ?? 'no effect, see below'), paint: (text) => paint(means === null ? 'yellow' : 'dim', text) }])
      return [columns([[{ text: name, paint: (text) => paint('bold', text) }, { text: means }]], width), ...(rows.length === 0 ? [] : [columns(rows, width, '  ')])].join('\n')
    })
  ])
  return [...blocks, findingsText(findings, paint, width)].join('\n\n')
}
