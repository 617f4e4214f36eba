/**
 * Bytes that are written or read at a time. Each time is a trip through the thread pool: one for every chunk, as it comes from the connection, costs an upload
 * a fifth more processor time.
 */
export const BATCH = 262_144
/** A client that sends byte by byte fills the memory with what is around each of them. */
const MOST = 64

/**
 * Gives the chunks of a stream by the batch: what is to be held at a time, and no more. A batch ends early where more than `limit` bytes have come, so that
 * who looks at it learns of it at once.
 */
export async function * inBatches (source: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer[]> {
  let batch: Buffer[] = []
  let size = 0
  let total = 0
  for await (const chunk of source) {
    batch.push(chunk)
    size += chunk.length
    total += chunk.length
    if (size < BATCH && batch.length < MOST && total <= limit) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}

/** Bytes of a batch. */
export function sizeOf (batch: readonly Buffer[]): number {
  return batch.reduce((sum, { length }) => sum + length, 0)
}
