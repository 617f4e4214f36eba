import { styleText } from 'node:util'
import type { Severity } from '../headers/finding.ts'

/** The styles that the output uses. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Puts a text into colour, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Colours where a terminal shows them and nobody forbade them (no-color.org: any value of NO_COLOR but the empty one). */
export function paintFor (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const isColoured = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return isColoured ? (style, text) => styleText(style, text) : plain
}

/** No colours. */
export const plain: Paint = (_style, text) => text

/** The colour of a finding. */
export const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' }
