import { SecurityError } from '../errors.ts'
import { freeze, snapshot, type JsonObject, type JsonValue } from './json-value.ts'
import { isTooLong, type Sealer } from './sealed.ts'

/** Milliseconds that a message waits to be read. */
const AGE = 60_000

interface FlashEnvelope {
  readonly v: 1
  readonly iat: number
  readonly d: JsonObject
}

/** What becomes of the cookie. */
export type FlashOutcome = { readonly kind: 'keep' } | { readonly kind: 'write', readonly text: string } | { readonly kind: 'clear' }

/** Messages for the next page, in a cookie of their own: so a log out can leave one, and no message ever costs a write of the session. */
export class Flash {
  readonly #sealer: Sealer
  readonly #name: string
  readonly #now: () => number
  #unread: JsonObject
  #written: Record<string, JsonValue> = {}
  #isChanged = false

  /** `values`: what the request has under the name of the cookie. What is malformed, too old or there twice is no message. */
  constructor (sealer: Sealer, name: string, values: readonly string[], now: () => number) {
    this.#sealer = sealer
    this.#name = name
    this.#now = now
    this.#unread = values.length === 1 ? this.#open(values[0]!) : {}
    this.#isChanged = values.length > 0 && Object.keys(this.#unread).length === 0
  }

  /** The message that came with this request; reading it takes it away. */
  take (key: string): JsonValue | undefined {
    if (!Object.hasOwn(this.#unread, key)) return undefined
    const { [key]: value, ...rest } = this.#unread
    this.#unread = rest
    this.#isChanged = true
    return freeze(value)
  }

  put (key: string, value: unknown): void {
    const written = { ...this.#written, ...snapshot({ [key]: value }, 'flash') }
    if (isTooLong(this.#name, this.#envelope(written))) throw new SecurityError('BULWARK_ERR_SESSION_TOO_LARGE')
    this.#written = written
    this.#isChanged = true
  }

  get outcome (): FlashOutcome {
    if (!this.#isChanged) return { kind: 'keep' }
    const envelope = this.#envelope(this.#written)
    if (Object.keys(envelope.d).length > 0) return { kind: 'write', text: this.#sealer.seal(envelope) }
    return { kind: 'clear' }
  }

  #envelope (written: JsonObject): FlashEnvelope {
    return { v: 1, iat: this.#now(), d: { ...this.#unread, ...written } }
  }

  #open (text: string): JsonObject {
    const opened = this.#sealer.open(text)
    const { v, iat, d } = (opened.ok ? opened.payload ?? {} : {}) as Partial<FlashEnvelope>
    const isWhole = v === 1 && Number.isSafeInteger(iat) && typeof d === 'object' && d !== null && !Array.isArray(d)
    return isWhole && Math.abs(this.#now() - iat!) < AGE ? d : {}
  }
}
