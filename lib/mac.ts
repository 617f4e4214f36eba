import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * HMAC-SHA256 (RFC 2104) over several texts, 32 bytes. Each text is preceded by its length, so that no two lists give the same bytes:
 * without it, what was signed as `['12', '3']` would hold for `['1', '23']`.
 */
export function mac (key: Buffer, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
  return hmac.digest()
}

/** The number of the key that made `given` over `parts`, -1 for none. Each comparison takes the same time, wherever the bytes differ. */
export function findMacKey (keys: readonly Buffer[], parts: readonly string[], given: Buffer): number {
  return keys.findIndex((key) => {
    const expected = mac(key, parts)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
