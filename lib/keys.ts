import { hkdfSync, randomBytes } from 'node:crypto'
import { decodeBase64url } from './base64url.ts'
import { SecurityError, type ErrorCode } from './errors.ts'
import { expectation } from './options.ts'

/** Bytes of a key: as many as its ciphers and MACs take (NIST SP 800-107 §5.3.2). */
const KEY_BYTES = 32

/** 32 random bytes have 30 different values on average; fewer than this come once in more than 10^18 keys. */
const LEAST_DIFFERENT = 16

const ADVICE = 'Make one with `generateKey()` or `openssl rand -hex 32`.'

/** A new key of 32 random bytes, base64url: 43 characters, fit for an environment variable. */
export function generateKey (): string {
  return randomBytes(KEY_BYTES).toString('base64url')
}

/**
 * The master keys of an application, the first of which signs and encrypts; the others still open what they made.
 * No master key is ever used itself: every purpose has keys of its own, so that what was made for one means nothing to another.
 */
export class KeyRing {
  readonly #keys: readonly Buffer[]

  /**
   * `keys`: at least one text that holds 32 bytes, as hex (64 digits) or as base64url (43 characters).
   * Throws `SecurityError` with `code` for a key that is malformed, short, given twice, or no random number. A message names the position
   * of a key and never a part of it.
   */
  constructor (keys: readonly string[], path: string, code: ErrorCode) {
    if (keys.length === 0) throw new SecurityError(code, expectation(path, 'at least one key', keys, ADVICE))
    this.#keys = keys.map((key, index) => parseKey(key, `${path}[${index}]`, code))
    for (const [index, key] of this.#keys.entries()) {
      const first = this.#keys.findIndex((other) => other.equals(key))
      if (first < index) throw new SecurityError(code, `${path}[${index}]: expected a key of its own, received the one of ${path}[${first}] again.`)
    }
  }

  /** The keys for one purpose, in the order of the master keys: HKDF-SHA256 (RFC 5869) with the purpose as its info, 32 bytes each. */
  derive (purpose: string): readonly Buffer[] {
    return this.#keys.map((key) => Buffer.from(hkdfSync('sha256', key, '', `fastify-bulwark/1/${purpose}`, KEY_BYTES)))
  }
}

function parseKey (text: unknown, path: string, code: ErrorCode): Buffer {
  const refuse = (expected: string, received: unknown, advice = ADVICE): never => {
    throw new SecurityError(code, expectation(path, expected, received, advice))
  }
  if (typeof text !== 'string') return refuse('a key as text', text)
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : decodeBase64url(text)
  if (bytes === undefined) {
    return refuse('hex or base64url', text, /^[\w+/-]+={0,2}$/.test(text) ? 'Base64 is written here with `-` and `_`, without `=`.' : ADVICE)
  }
  if (bytes.length !== KEY_BYTES) return refuse(`a key of ${KEY_BYTES} bytes`, text)
  if (isNoRandomNumber(bytes)) {
    throw new SecurityError(code, `${path}: expected random bytes, received a pattern or a text. ${ADVICE}`)
  }
  return bytes
}

/** True for a repetition, a count, or a passphrase that was cut or padded to size; by chance for one key of 10^13. */
function isNoRandomNumber (bytes: Buffer): boolean {
  const steps = new Set(bytes.map((byte, index) => byte - bytes[(index + 1) % bytes.length]!).subarray(0, -1))
  return new Set(bytes).size < LEAST_DIFFERENT || steps.size === 1 || bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
}
