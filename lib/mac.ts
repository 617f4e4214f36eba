import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * HMAC-SHA256 (RFC 2104) over several texts, 32 bytes. Each text is preceded by its length, so that no two lists give the same bytes:
 * without it, what was signed as `['12', '3']` would hold for `['1', '23']`.
 */
export function mac (key: Buffer, parts: readonly string[]): Buffer {
  // In one piece: each call of `update` costs as much as the hashing of a short text.
  let text = ''
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`
  return createHmac('sha256', key).update(text).digest()
}

/** The number of the key that made `given` over `parts`, -1 for none. Each comparison takes the same time, wherever the bytes differ. */
export function findMacKey (keys: readonly Buffer[], parts: readonly string[], given: Buffer): number {
  return keys.findIndex((key) => {
    const expected = mac(key, parts)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
