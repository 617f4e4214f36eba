import { randomFillSync } from 'node:crypto'
import { decodeBase64url } from '../base64url.ts'
import type { BoundedCache } from '../bounded-cache.ts'
import { findMacKey, macText } from '../mac.ts'

/** What a token is bound to: the id of a session, or of a cookie where there is no session. */
export type Binding = readonly [kind: 'session' | 'cookie', id: string]

/** Why a token was refused. */
export type TokenReason = 'token-missing' | 'token-malformed' | 'token-unbound' | 'token-wrong'

const MAC_BYTES = 32

/** Pads that are drawn at once: one call for all of them costs about as much as one for 32 bytes. */
const POOLED = 128
const pool = Buffer.alloc(MAC_BYTES * POOLED)
let used = pool.length

/** Writes the next pad to the start of `bytes`. Each is handed out once. */
function takePad (bytes: Buffer): void {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  pool.copy(bytes, 0, used, used + MAC_BYTES)
  used += MAC_BYTES
}

/** Characters of a token: 64 bytes in base64url. */
export const TOKEN_LENGTH = 86

/**
 * `base64url(pad ‖ (mac xor pad))`, where `mac` is the HMAC-SHA256 of what the token is bound to. It is derived, so nothing is kept to
 * issue one; the pad is fresh each time, so that a compressed page does not give the value away piece by piece (BREACH).
 *
 * `macs` remembers the MACs of sessions under `key`, since a visitor who looks at one page looks at the next one. Those of cookies are made anew: such an id is
 * a piece of the Cookie header, and as a key it would keep all of that alive.
 */
export function mintToken (key: Buffer, binding: Binding, macs?: BoundedCache<string>): string {
  const bytes = Buffer.allocUnsafe(2 * MAC_BYTES)
  takePad(bytes)
  const [kind, id] = binding
  const known = kind === 'session' ? macs?.get(id) : undefined
  const value = known ?? macText(key, binding)
  if (known === undefined && kind === 'session' && macs?.admits(id) === true) macs.set(id, value)
  for (let index = 0; index < MAC_BYTES; index++) bytes[MAC_BYTES + index] = value.charCodeAt(index) ^ bytes[index]!
  return bytes.toString('base64url')
}

/**
 * Why `given` is no token for any of `bindings`, `undefined` where it is one. Whatever it is, looking at it takes no longer than for a
 * token: only a text of the right length is decoded, and it is compared in constant time.
 */
export function tokenFault (keys: readonly Buffer[], bindings: readonly Binding[], given: unknown): TokenReason | undefined {
  if (given === undefined) return 'token-missing'
  const bytes = typeof given === 'string' && given.length === TOKEN_LENGTH ? decodeBase64url(given) : undefined
  if (bytes === undefined) return 'token-malformed'
  if (bindings.length === 0) return 'token-unbound'
  const value = Buffer.allocUnsafe(MAC_BYTES)
  for (let index = 0; index < MAC_BYTES; index++) value[index] = bytes[index]! ^ bytes[MAC_BYTES + index]!
  return bindings.some((binding) => findMacKey(keys, binding, value) !== -1) ? undefined : 'token-wrong'
}
