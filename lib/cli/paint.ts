import type { Severity } from '../headers/finding.ts'

/**
 * Select Graphic Rendition (ECMA-48 §8.3.117): on and off. `styleText` of `node:util` would ask whether the standard output of this process is a terminal,
 * and not whether that stream is which the text is for; the option against it came only with later versions of Node.
 */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

/** The styles that the output uses. */
export type Style = keyof typeof CODES

/** Puts a text into colour, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Colours where a terminal shows them and nobody forbade them (no-color.org: any value of NO_COLOR but the empty one). */
export function paintFor (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const isColoured = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return isColoured ? (style, text) => `\x1b[${CODES[style][0]}m${text}\x1b[${CODES[style][1]}m` : plain
}

/** No colours. */
export const plain: Paint = (_style, text) => text

/** The colour of a finding. */
export const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' }
