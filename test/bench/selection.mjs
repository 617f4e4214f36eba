function isNamedBy (row, word) {
  return `/${row.name}/`.includes(`/${word}/`)
}

/** Rows named by any of the comma-separated words; a word that names none is a slip, not an empty table. */
export function select (rows, words) {
  if (words === undefined) return rows
  const wanted = words.split(',')
  const unknown = wanted.filter(word => !rows.some(row => isNamedBy(row, word)))
  if (unknown.length > 0) {
    throw new Error(`--rows: nothing is named ${unknown.join(', ')}; there is\n  ${rows.map(row => row.name).join('\n  ')}`)
  }
  return rows.filter(row => wanted.some(word => isNamedBy(row, word)))
}
