import { decodeBase64url } from '../base64url.ts'
import { BoundedCache } from '../bounded-cache.ts'
import { freeze } from './json-value.ts'

/** The three functions of @fastify/secure-session that encrypt and decrypt; nothing else of it is used. */
export interface SecureSessionCodec {
  createSecureSession (data: Record<string, unknown>): object
  decodeSecureSession (text: string, log: object, name: string): Record<string, unknown> | null
  encodeSecureSession (session: object, name: string): string
}

/** Text that came as a cookie, opened, or why not. */
export type Opened = { readonly ok: true, readonly payload: unknown } | { readonly ok: false, readonly reason: 'malformed' | 'forged' | 'payload' }

/** Bytes that a browser keeps of a cookie, name and value (RFC 6265bis §5.6, ASVS 3.3.5). */
export const MOST_BYTES = 4096

/** Bytes of JSON around the payload: its key, and the time stamp of the codec. */
const STAMP_BYTES = 40

/** Bytes of the authenticator, and characters of the point and the nonce. */
const MAC_BYTES = 16
const NONCE_LENGTH = 33

/** 32 characters are 24 whole bytes, and so have one spelling. */
const NONCE = /^\.[\w-]{32}$/

/** Characters of base64url for some bytes. */
function lengthOf (bytes: number): number {
  return Math.ceil(bytes * 4 / 3)
}

const silent = { debug () {} }

/** Characters of all texts that are kept opened: some 6,000 sessions of 330 characters, 500 of the largest. Either takes some eight megabytes; nothing but empty objects, thirty. */
const MOST_KEPT = 2_000_000

/**
 * Seals values for one purpose. What is sealed stands under one key of a fresh object, beside the codec's own time stamp, which is therefore never the application's.
 *
 * The codec writes base64 with `;`, which a cookie has to escape, and reads many spellings of one value. Here a value is base64url with a point, 7 % shorter, and
 * has one spelling.
 *
 * A browser sends one text with every request of a page, and what is in it never changes. So what comes a second time is kept as it was opened, and frozen. Whether the session in it lives is not
 * asked here: that is judged at every request.
 */
export class Sealer {
  readonly #codec: SecureSessionCodec
  readonly #purpose: string
  readonly #opened = new BoundedCache<Opened>(MOST_KEPT)

  /** `purpose`: under this name the codec knows the keys. */
  constructor (codec: SecureSessionCodec, purpose: string) {
    this.#codec = codec
    this.#purpose = purpose
  }

  seal (payload: object): string {
    const text = this.#codec.encodeSecureSession(this.#codec.createSecureSession({ e: payload }), this.#purpose)
    return `${respell(text.slice(0, -NONCE_LENGTH))}.${respell(text.slice(1 - NONCE_LENGTH))}`
  }

  /** What `seal` was given. Never throws: whatever a client or a holder of the key sends is a value. */
  open (text: string): Opened {
    if (text.length > MOST_BYTES) return { ok: false, reason: 'malformed' }
    const known = this.#opened.get(text)
    if (known !== undefined) return known
    const opened = this.#open(text)
    // A copy: as a piece of the Cookie header, the text would keep all of that alive. What cannot be opened is not kept: anybody can send it.
    if (opened.ok && this.#opened.admits(text)) this.#opened.set(Buffer.from(text, 'latin1').toString('latin1'), opened, text.length)
    return opened
  }

  #open (text: string): Opened {
    const parts = partsOf(text)
    if (parts === undefined) return { ok: false, reason: 'malformed' }
    try {
      const session = this.#codec.decodeSecureSession(parts, silent, this.#purpose)
      return session === null ? { ok: false, reason: 'forged' } : { ok: true, payload: freeze(session['e']) }
    } catch {
      // It was opened, and holds no object of JSON.
      return { ok: false, reason: 'payload' }
    }
  }
}

/** From base64 to base64url, through the bytes, which is faster than replacing characters. */
function respell (text: string): string {
  return Buffer.from(text, 'base64').toString('base64url')
}

/** Sealed text as the codec wants it: in base64, since Node's decoder is slow where it meets the other alphabet. `undefined` for what is not as `seal` would spell it. */
function partsOf (text: string): string | undefined {
  if (text.length <= NONCE_LENGTH) return undefined
  const nonce = text.slice(-NONCE_LENGTH)
  const cipher = NONCE.test(nonce) ? decodeBase64url(text.slice(0, -NONCE_LENGTH)) : undefined
  return cipher && `${cipher.toString('base64')};${nonce.slice(1)}`
}

/** The length of what `seal` would give, without sealing. */
export function sealedLength (payload: object): number {
  const text = JSON.stringify({ e: payload, __ts: 1_000_000_000 })
  return lengthOf(Buffer.byteLength(text) + MAC_BYTES) + NONCE_LENGTH
}

/** Whether a cookie of this name could not hold what `seal` would give. */
export function isTooLong (name: string, payload: object): boolean {
  // Most sessions are so small that a count which cannot be too low is enough, and takes a tenth of the time.
  if (name.length + lengthOf(mostBytesOf(payload) + STAMP_BYTES + MAC_BYTES) + NONCE_LENGTH <= MOST_BYTES) return false
  return name.length + sealedLength(payload) > MOST_BYTES
}

/** Bytes that JSON takes for a value, or more. A character takes six where it is escaped, a number 24. */
export function mostBytesOf (value: unknown): number {
  if (typeof value === 'string') return 6 * value.length + 2
  if (typeof value !== 'object' || value === null) return 24
  let bytes = 2
  for (const key in value) bytes += 6 * key.length + 4 + mostBytesOf((value as Record<string, unknown>)[key])
  return bytes
}

/** The nonce of a sealed text. It is random and made anew for every text, so it names one. */
export function nonceOf (text: string): string {
  return text.slice(1 - NONCE_LENGTH)
}
