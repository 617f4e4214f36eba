import { SEVERITIES, type Finding, type Severity } from '../headers/finding.ts'
import { nearestName } from '../nearest-name.ts'
import type { CommandInput, CommandOption } from './command.ts'
import { CommandError } from './command-error.ts'

/** The least severity that ends the program with exit code 1. */
export type Threshold = Severity | 'never'

const THRESHOLDS: readonly Threshold[] = [...SEVERITIES, 'never']

/** The option `--fail-on` with its default. */
export function failOnOption (fallback: Threshold): CommandOption {
  return { type: 'string', value: 'severity', description: `Exit code 1 when a finding is as severe: ${SEVERITIES.join(', ')}, or never. Default: ${fallback}.` }
}

/** The threshold that was asked for. */
export function thresholdOf ({ options }: CommandInput, fallback: Threshold): Threshold {
  const given = options['fail-on'] ?? fallback
  if (!(THRESHOLDS as readonly unknown[]).includes(given)) {
    throw new CommandError(`--fail-on expects ${SEVERITIES.join(', ')} or never: did you mean ${nearestName(String(given), THRESHOLDS)}?`)
  }
  return given as Threshold
}

/** 1 when a finding is at least as severe as the threshold. */
export function exitCodeOf (findings: readonly Finding[], threshold: Threshold): 0 | 1 {
  const least = SEVERITIES.indexOf(threshold as Severity)
  return least !== -1 && findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least) ? 1 : 0
}
