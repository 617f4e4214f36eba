/** How much findings matter, the least first. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const

/**
 * How much a finding matters: `high` defeats the protection, `medium` weakens it, `low` leaves a gap that another protection covers, or has no effect that
 * was meant, `info` is worth knowing.
 */
export type Severity = typeof SEVERITIES[number]

/** One thing that the lint has to say, as data. */
export interface Finding {
  /** Stable name of the check, kebab-case. */
  readonly code: string
  readonly severity: Severity
  /** The directive or header that it is about. */
  readonly where: string
  /** One sentence for the operator. */
  readonly message: string
}

/** A finding, as the checks write it. */
export function finding (code: string, severity: Severity, where: string, message: string): Finding {
  return { code, severity, where, message }
}

/** The most serious first; those of one severity stay in their order. */
export function bySeverity (findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
}
