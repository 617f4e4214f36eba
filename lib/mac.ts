import { createHmac, hash, timingSafeEqual } from 'node:crypto'

const BLOCK_BYTES = 64
const MAC_BYTES = 32

/** Bytes of text for which there is room: ids, and what goes with them. */
const ROOM = 512

/** What the two hashes of HMAC begin with for one key (RFC 2104 §2), and room for what comes behind. */
interface Pads {
  readonly inner: Buffer
  readonly outer: Buffer
}

/** Made once for each key, of which an application has a few. */
const prepared = new WeakMap<Buffer, Pads>()

/** What `findMacKey` compares with. It is written anew for each comparison, and nothing else runs in between. */
const expected = Buffer.alloc(MAC_BYTES)

/**
 * HMAC-SHA256 (RFC 2104) over several texts, 32 bytes. Each text is preceded by its length, so that no two lists give the same bytes:
 * without it, what was signed as `['12', '3']` would hold for `['1', '23']`.
 */
export function mac (key: Buffer, parts: readonly string[]): Buffer {
  return Buffer.from(macText(key, parts), 'latin1')
}

/** The number of the key that made `given` over `parts`, -1 for none. Each comparison takes the same time, wherever the bytes differ. */
export function findMacKey (keys: readonly Buffer[], parts: readonly string[], given: Buffer): number {
  if (given.length !== MAC_BYTES) return -1
  return keys.findIndex((key) => {
    expected.write(macText(key, parts), 'latin1')
    return timingSafeEqual(given, expected)
  })
}

/**
 * The same as characters of one byte each (`latin1`), which takes less room.
 *
 * `createHmac` makes a stream and a context of OpenSSL for every text, and sets the key up anew: most of what a token costs. Two hashes in one call each take a third of that.
 */
export function macText (key: Buffer, parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`
  // UTF-8 takes three bytes for a character of JavaScript at the most.
  if (key.length > BLOCK_BYTES || text.length * 3 > ROOM) return createHmac('sha256', key).update(text).digest('binary')
  const { inner, outer } = padsOf(key)
  const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES)
  outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1')
  return hash('sha256', outer, 'binary')
}

function padsOf (key: Buffer): Pads {
  let pads = prepared.get(key)
  if (pads === undefined) {
    pads = { inner: Buffer.alloc(BLOCK_BYTES + ROOM, 0x36), outer: Buffer.alloc(BLOCK_BYTES + MAC_BYTES, 0x5c) }
    for (const [index, byte] of key.entries()) {
      pads.inner[index]! ^= byte
      pads.outer[index]! ^= byte
    }
    prepared.set(key, pads)
  }
  return pads
}
