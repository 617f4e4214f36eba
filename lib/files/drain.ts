/** The parts of a Node request that are read from. */
export interface Draining {
  readonly readableEnded: boolean
  readonly destroyed: boolean
  on (event: 'data', listener: (chunk: Buffer) => void): unknown
  once (event: 'end' | 'close', listener: () => void): unknown
  resume (): unknown
  destroy (): unknown
}

/**
 * Reads the rest of a body that was refused, and drops it: a client that still writes would otherwise see its connection break and not the answer.
 * After so many bytes or seconds the connection is closed.
 */
export function drain (raw: Draining, most: number, seconds: number): void {
  if (raw.readableEnded || raw.destroyed) return
  let left = most
  const timer = setTimeout(() => { raw.destroy() }, seconds * 1000).unref()
  raw.on('data', (chunk) => {
    left -= chunk.length
    if (left < 0) raw.destroy()
  })
  raw.once('end', () => clearTimeout(timer))
  raw.once('close', () => clearTimeout(timer))
  raw.resume()
}
