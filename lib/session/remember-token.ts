import { decodeBase64url } from '../base64url.ts'
import { findMacKey, mac } from '../mac.ts'

/** What a remembered device presents: which one it is, and which generation it was given last. */
export interface RememberToken {
  /** 16 random bytes, base64url. */
  readonly series: string
  readonly generation: number
}

/** The generation of a series that was created and never rotated: the one to issue after `create`. */
export const FIRST_GENERATION = 0

const GRAMMAR = /^v1\.([A-Za-z0-9_-]{6})\.([A-Za-z0-9_-]{22})\.(0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{43})$/

/** Makes and checks the values of the remember-me cookie: `v1.<kid>.<series>.<generation>.<mac>`. */
export class RememberTokens {
  readonly #keys: readonly Buffer[]
  readonly #kids: readonly string[]

  /** `keys`: those derived for the purpose `remember`, the first of which signs. */
  constructor (keys: readonly Buffer[]) {
    this.#keys = keys
    // A name for the key that gives nothing of it away: what an HMAC makes of a fixed text.
    this.#kids = keys.map((key) => mac(key, ['kid']).toString('base64url').slice(0, 6))
  }

  format ({ series, generation }: RememberToken): string {
    const kid = this.#kids[0]!
    return `v1.${kid}.${series}.${generation}.${mac(this.#keys[0]!, partsOf(kid, series, String(generation))).toString('base64url')}`
  }

  /** The id of the session that a token is exchanged for: whoever presents the same token gets the same one. */
  sessionId ({ series, generation }: RememberToken): string {
    return mac(this.#keys[0]!, ['sid', series, String(generation)]).subarray(0, 16).toString('base64url')
  }

  /**
   * The token of a cookie's value, `undefined` for anything that this application did not issue. There is one spelling of each token.
   * One that was not made with the first key is good; the next rotation issues one that is.
   */
  open (value: string): RememberToken | undefined {
    const [, kid, series, generation, given] = GRAMMAR.exec(value) ?? []
    if (kid === undefined) return undefined
    const id = decodeBase64url(series!)
    if (id?.length !== 16) return undefined
    const signature = decodeBase64url(given!)
    if (signature === undefined) return undefined
    // By the MAC and not by the kid, so that two keys whose names are the same by chance are no fault.
    const index = findMacKey(this.#keys, partsOf(kid, series!, generation!), signature)
    if (index === -1 || this.#kids[index] !== kid) return undefined
    // A copy: a piece of the Cookie header, kept in a store or a list, would keep all of that alive.
    return { series: id.toString('base64url'), generation: Number(generation) }
  }
}

function partsOf (kid: string, series: string, generation: string): string[] {
  return ['v1', kid, series, generation]
}
