/** How much a finding matters: `high` defeats the header, `medium` weakens it, `info` is worth knowing. */
export type Severity = 'high' | 'medium' | 'info'

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
