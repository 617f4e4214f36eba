import type { FileHandle } from 'node:fs/promises'
import { sizeOf } from './batches.ts'

/** Appends a batch to a file. The system may take a part of it, and tells why only to who comes back with the rest: a full disk, most of the time. */
export async function writeWhole (handle: Pick<FileHandle, 'writev' | 'writeFile'>, batch: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await handle.writev(batch)
  if (bytesWritten < sizeOf(batch)) await handle.writeFile(Buffer.concat(batch).subarray(bytesWritten))
}
