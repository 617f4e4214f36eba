/** Columns are { heading, cell(record) }; the first is text, the others are figures. */
export function formatTable (columns, records) {
  const lines = [columns.map(column => column.heading), ...records.map(record => columns.map(column => column.cell(record)))]
  const widths = columns.map((_, index) => Math.max(...lines.map(line => line[index].length)))
  const padded = lines.map(line => line.map((cell, index) => {
    return index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index])
  }).join('  '))
  return [padded[0], widths.map(width => '-'.repeat(width)).join('  '), ...padded.slice(1)].join('\n')
}

/** The same in Markdown. */
export function formatMarkdown (columns, records) {
  const line = cells => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(column => column.heading)),
    `|${columns.map((_, index) => index === 0 ? '---|' : '--:|').join('')}`,
    ...records.map(record => line(columns.map(column => column.isName ? `\`${column.cell(record)}\`` : column.cell(record))))
  ].join('\n')
}
