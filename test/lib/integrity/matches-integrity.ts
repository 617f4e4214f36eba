import { createHash } from 'node:crypto'
import { parseIntegrity, strongestOf } from '../../../lib/integrity/metadata.ts'

/** Whether a browser would find bytes to be those of some metadata: any hash of the strongest algorithm will do (SRI §3.3.4). False where there is no hash. */
export function matchesIntegrity (bytes: Uint8Array, metadata: string): boolean {
  return strongestOf(parseIntegrity(metadata)).some(({ algorithm, digest }) => createHash(algorithm).update(bytes).digest().equals(digest))
}
