import { createHash } from 'node:crypto'

/** The hash functions of Subresource Integrity, the weakest first (SRI §3.2). No browser heeds another one. */
export const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const

/** One of them. */
export type Algorithm = typeof ALGORITHMS[number]

/** One hash of an `integrity` attribute. */
export interface Hash {
  readonly algorithm: Algorithm
  readonly digest: Buffer
}

/**
 * Metadata that are well formed and that no bytes can be found for: a browser loads nothing under them.
 * An empty value, or one that is malformed, would be no protection at all (SRI §3.3.4).
 */
export const BLOCKING_INTEGRITY: string = `sha384-${'A'.repeat(64)}`

/** The metadata of some bytes: `sha384-…`, or another algorithm. Bytes are what a browser has after it undid every content-coding. */
export function integrityOf (bytes: Uint8Array, algorithm: Algorithm = 'sha384'): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`
}

/** The metadata and the number of bytes of a stream. Throws a `RangeError` as soon as there are more than `limit` bytes. */
export async function integrityOfStream (stream: AsyncIterable<Uint8Array>, limit: number = Infinity, algorithm: Algorithm = 'sha384'): Promise<{ integrity: string, size: number }> {
  const hash = createHash(algorithm)
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw new RangeError(`There are more than ${limit} bytes.`)
    hash.update(chunk)
  }
  return { integrity: `${algorithm}-${hash.digest('base64')}`, size }
}

// hash-with-options (SRI §3.5). Browsers read base64url, too.
const EXPRESSION = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?[\x21-\x7e]*)?$/
const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 }

/** The hashes of an `integrity` attribute, in its order. What a browser skips is skipped: an unknown algorithm, a malformed hash (SRI §3.3.3). */
export function parseIntegrity (metadata: string): Hash[] {
  return metadata.split(/[\t\n\f\r ]+/).flatMap((expression) => {
    const [, algorithm, value] = EXPRESSION.exec(expression) ?? []
    const digest = Buffer.from(value ?? '', 'base64')
    return algorithm !== undefined && digest.length === DIGEST_BYTES[algorithm as Algorithm] ? [{ algorithm: algorithm as Algorithm, digest }] : []
  })
}

/** The hashes that count: those of the strongest algorithm. The others are ignored (SRI §3.3.4). */
export function strongestOf (hashes: readonly Hash[]): Hash[] {
  const strength = Math.max(...hashes.map(({ algorithm }) => ALGORITHMS.indexOf(algorithm)))
  return hashes.filter(({ algorithm }) => ALGORITHMS.indexOf(algorithm) === strength)
}
