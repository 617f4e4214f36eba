import { decodeBase64url } from '../base64url.ts'

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

const SEALED = /^([\w-]+)\.([\w-]{32})$/

/** Bytes of the authenticator, and characters of the point and the nonce. */
const MAC_BYTES = 16
const NONCE_LENGTH = 33

/** Characters of base64url for some bytes. */
function lengthOf (bytes: number): number {
  return Math.ceil(bytes * 4 / 3)
}

const silent = { debug () {} }

/**
 * Seals values for one purpose. What is sealed stands under one key of a fresh object, beside the codec's own time stamp, which is therefore never the application's.
 *
 * The codec writes base64 with `;`, which a cookie has to escape, and reads many spellings of one value. Here a value is base64url with a point, 7 % shorter, and
 * has one spelling.
 */
export class Sealer {
  readonly #codec: SecureSessionCodec
  readonly #purpose: string

  /** `purpose`: under this name the codec knows the keys. */
  constructor (codec: SecureSessionCodec, purpose: string) {
    this.#codec = codec
    this.#purpose = purpose
  }

  seal (payload: object): string {
    const text = this.#codec.encodeSecureSession(this.#codec.createSecureSession({ e: payload }), this.#purpose)
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '').replace(';', '.')
  }

  /** What `seal` was given. Never throws: whatever a client or a holder of the key sends is a value. */
  open (text: string): Opened {
    const parts = text.length > MOST_BYTES ? null : SEALED.exec(text)
    if (parts === null || !isCanonical(parts[1]!)) return { ok: false, reason: 'malformed' }
    try {
      const session = this.#codec.decodeSecureSession(`${parts[1]!};${parts[2]!}`, silent, this.#purpose)
      return session === null ? { ok: false, reason: 'forged' } : { ok: true, payload: session['e'] }
    } catch {
      // It was opened, and holds no object of JSON.
      return { ok: false, reason: 'payload' }
    }
  }
}

/** The length of what `seal` would give, without sealing. */
export function sealedLength (payload: object): number {
  const text = JSON.stringify({ e: payload, __ts: 1_000_000_000 })
  return lengthOf(Buffer.byteLength(text) + MAC_BYTES) + NONCE_LENGTH
}

/** The nonce of a sealed text. It is random and made anew for every text, so it names one. */
export function nonceOf (text: string): string {
  return text.slice(1 - NONCE_LENGTH)
}

/** Only what follows the last whole group of four can be spelt in several ways. */
function isCanonical (part: string): boolean {
  const rest = part.length % 4
  return rest !== 1 && (rest === 0 || decodeBase64url(part.slice(-rest)) !== undefined)
}
