import { randomFillSync } from 'node:crypto'
import { SecurityError } from '../errors.ts'

/** Gives a fresh nonce at every call: at least 128 bit in base64 or base64url (CSP3 §7.1). */
export type NonceGenerator = () => string

const BYTES = 16
const SLOTS = 256

/**
 * The generator in use by default: 128 bit of the system's generator a nonce, 22 characters of base64url.
 * Filled 256 at a time, since one call for 4 KB costs about as much as one for 16 bytes; each slot is handed out once.
 */
export function pooledNonces (): NonceGenerator {
  const pool = Buffer.alloc(BYTES * SLOTS)
  let offset = pool.length
  return () => {
    if (offset === pool.length) {
      randomFillSync(pool)
      offset = 0
    }
    offset += BYTES
    return pool.toString('base64url', offset - BYTES, offset)
  }
}

// CSP3 §2.3.1: base64-value. 22 characters are the least that hold 128 bit.
const NONCE_TEXT = /^[A-Za-z0-9+/_-]{22,256}={0,2}$/

/**
 * Guards a generator that the application brought: every value is checked before it reaches a header, and one that repeats its
 * last value is no generator. Throws `SecurityError` `BULWARK_ERR_HEADERS_NONCE_WEAK`, at start for one that fails at once.
 */
export function guardedNonces (generate: NonceGenerator): NonceGenerator {
  let last = ''
  const next: NonceGenerator = () => {
    const nonce = generate()
    if (typeof nonce !== 'string' || !NONCE_TEXT.test(nonce) || nonce === last) throw new SecurityError('BULWARK_ERR_HEADERS_NONCE_WEAK')
    last = nonce
    return nonce
  }
  next()
  next()
  return next
}

/** The nonces of one reply, made when they are first read. */
export class ReplyNonces {
  readonly #generate: NonceGenerator
  readonly #separate: boolean
  /** True while the headers of the reply are written: a nonce first read then would be in the page and not in the policy. */
  closed = false
  #script: string | undefined
  #style: string | undefined

  /** `separate` gives scripts and styles a nonce each. */
  constructor (generate: NonceGenerator, separate: boolean) {
    this.#generate = generate
    this.#separate = separate
  }

  get script (): string {
    this.#script ??= this.#mint()
    return this.#script
  }

  get style (): string {
    if (!this.#separate) return this.script
    this.#style ??= this.#mint()
    return this.#style
  }

  #mint (): string {
    if (this.closed) throw new SecurityError('BULWARK_ERR_HEADERS_NONCE_LATE')
    return this.#generate()
  }

  /** Whether a nonce was read that a policy with `places` has no place for. */
  isUnplaced (places: number): boolean {
    return this.#separate ? (this.use & ~places) !== 0 : places === 0
  }

  /** Which nonces were read, as `PolicyTemplate.join` takes it. */
  get use (): 0 | 1 | 2 | 3 {
    if (!this.#separate) return this.#script === undefined ? 0 : 3
    return ((this.#script === undefined ? 0 : 1) | (this.#style === undefined ? 0 : 2)) as 0 | 1 | 2 | 3
  }
}
