/** Lists that are shorter are done before anybody looks. */
const LEAST = 5
const WIDTH = 30

/**
 * Shows how far a list is, in one line that is written over: on a terminal, for a list that is long enough. The function that is given back is told the
 * number of those that are done.
 */
export function progressBar (stream: { readonly isTTY?: boolean, write (text: string): unknown }): (done: number, total: number) => void {
  if (stream.isTTY !== true) return () => {}
  return (done, total) => {
    if (total < LEAST) return
    const filled = Math.round(WIDTH * done / total)
    // Back to the first column, and clear to the end of the line.
    stream.write(done === total ? '\r\x1b[K' : `\r\x1b[K[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done}/${total}`)
  }
}
