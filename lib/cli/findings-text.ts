import { SEVERITIES, type Finding } from '../headers/finding.ts'
import { columns } from './columns.ts'
import { SEVERITY_STYLE, type Paint } from './paint.ts'
import { printable } from './printable.ts'

/** Findings for a person, one a row, with a line that counts them. */
export function findingsText (findings: readonly Finding[], paint: Paint, width: number): string {
  if (findings.length === 0) return paint('green', 'No findings.')
  const rows = findings.map(({ severity, code, where, message }) => [
    { text: severity, paint: (text: string) => paint(SEVERITY_STYLE[severity], text) },
    { text: code },
    { text: `${printable(where)}: ${printable(message)}` }
  ])
  return `${columns(rows, width)}\n\n${countOf(findings)}`
}

/** `3 findings: 1 high, 2 low.` */
export function countOf (findings: readonly Finding[]): string {
  const parts = [...SEVERITIES].reverse().flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return number === 0 ? [] : [`${number} ${severity}`]
  })
  return parts.length === 0 ? 'No findings.' : `${findings.length} finding${findings.length === 1 ? '' : 's'}: ${parts.join(', ')}.`
}
