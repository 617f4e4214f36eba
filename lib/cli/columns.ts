/** Characters a line where nobody says how wide the output is. */
export const WIDTH = 100

/** The narrowest last column: on a terminal with less room the lines run on. */
const NARROWEST = 30

/** A piece of a line: its text, and how it is coloured once its width is known. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

/**
 * Rows in columns as wide as their widest cell, the last one broken at blanks to fit into `width` characters. A row whose other cells take more than half
 * of the width has its last cell below them.
 */
export function columns (rows: ReadonlyArray<readonly Cell[]>, width: number, indent = ''): string {
  const widths: number[] = []
  for (const row of rows) {
    if (isWide(row, width)) continue
    for (const [column, { text }] of row.slice(0, -1).entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  return rows.flatMap((row) => {
    const isBelow = isWide(row, width)
    const first = indent + row.slice(0, -1).map(({ text, paint = same }, column) => `${paint(text)}${' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length))}  `).join('')
    const margin = indent + ' '.repeat(isBelow ? 4 : widths.slice(0, row.length - 1).reduce((sum, columnWidth) => sum + columnWidth + 2, 0))
    const { text, paint = same } = row.at(-1)!
    const lines = wrap(text, Math.max(NARROWEST, width - margin.length)).map((line, index) => `${index === 0 && !isBelow ? first : margin}${paint(line)}`)
    return (isBelow ? [first, ...lines] : lines).map((line) => line.trimEnd())
  }).join('\n')
}

function isWide (row: readonly Cell[], width: number): boolean {
  return row.slice(0, -1).reduce((sum, { text }) => sum + text.length + 2, 0) > width / 2
}

function same (text: string): string {
  return text
}

/** The lines of a text of at most `width` characters each, a longer word aside. */
export function wrap (text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
