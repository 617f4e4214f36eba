import type { DirectiveName } from './csp-directives.ts'
import { formatPolicy, type Policy } from './csp-policy.ts'
import { isHash, isOpen, NONCE } from './csp-sources.ts'

/** Which nonces a reply has used, as an index: bit 0 for scripts, bit 1 for styles. */
export type NonceUse = 0 | 1 | 2 | 3

/** A policy ready to be written: a string where no nonce was used, pieces with holes where one was. */
export interface PolicyTemplate {
  /** The header value for a reply that used no nonce. */
  readonly unused: string
  /** The nonces that the policy has a place for. */
  readonly places: NonceUse
  /** Every form by its use, as data: two policies are the same when these are. */
  readonly forms: readonly Pieces[]
  /** The header value for a reply that used the nonces of `use`. */
  join (use: NonceUse, nonces: { readonly script: string, readonly style: string }): string
}

/** A policy cut at its nonces. */
export interface Pieces {
  readonly text: readonly string[]
  /** For the hole behind each piece but the last: true for the style nonce. */
  readonly style: readonly boolean[]
}

/** Compiles a policy; every form that it can take is formatted here, once. */
export function compileTemplate (policy: Policy): PolicyTemplate {
  const forms = ([0, 1, 2, 3] as const).map((use) => cut(resolve(policy, use)))
  return {
    unused: forms[0]!.text[0]!,
    places: ((forms[3]!.style.includes(false) ? 1 : 0) | (forms[3]!.style.includes(true) ? 2 : 0)) as NonceUse,
    forms,
    join (use, nonces) {
      const { text, style } = forms[use]!
      let value = text[0]!
      for (let hole = 0; hole < style.length; hole++) value += (style[hole]! ? nonces.style : nonces.script) + text[hole + 1]!
      return value
    }
  }
}

/** True for a directive, given by its name or its whole text, whose nonce is the one for styles. */
function takesStyleNonce (directive: string): boolean {
  return directive.startsWith('style-')
}

/** The policy for one use of nonces, with `'nonce'` left only where a nonce was used. */
function resolve (policy: Policy, use: NonceUse): Policy {
  const resolved = new Map<DirectiveName, readonly string[]>()
  for (const [name, sources] of policy) {
    const used = (use & (takesStyleNonce(name) ? 2 : 1)) !== 0
    resolved.set(name, sources.includes(NONCE) ? used ? withNonce(sources) : withoutNonce(sources) : sources)
  }
  return resolved
}

/** `'self'` beside `'strict-dynamic'` is what the reply falls back to when nobody read the nonce; browsers ignore it, so it is left out. */
function withNonce (sources: readonly string[]): readonly string[] {
  return sources.includes("'strict-dynamic'") ? sources.filter((source) => source !== "'self'") : sources
}

/**
 * Without a nonce, what it overruled must not come to life: `'unsafe-inline'`, and under `'strict-dynamic'` whole schemes and wildcards.
 * `'strict-dynamic'` itself would leave nothing to trust but hashes, and without one the policy is invalid.
 */
function withoutNonce (sources: readonly string[]): readonly string[] {
  const dynamic = sources.includes("'strict-dynamic'")
  const rest = sources.filter((source) => source !== NONCE && source !== "'unsafe-inline'" &&
    !(dynamic && isOpen(source)) &&
    !(source === "'strict-dynamic'" && !sources.some(isHash)))
  return rest.length === 0 ? ["'none'"] : rest
}

function cut (policy: Policy): Pieces {
  const pieces = formatPolicy(policy).split(NONCE)
  const last = pieces.length - 1
  return {
    text: pieces.map((piece, index) => `${index === 0 ? '' : "'"}${piece}${index === last ? '' : "'nonce-"}`),
    style: pieces.slice(0, last).map((piece) => takesStyleNonce(piece.slice(piece.lastIndexOf(';') + 1).trimStart()))
  }
}
