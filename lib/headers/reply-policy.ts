import { SecurityError } from '../errors.ts'
import type { DirectiveKey } from './csp-directives.ts'
import { compileAppend } from './csp-merge.ts'

/** Additions to the document policies of one reply, as for a login page that must let its form reach an identity provider. */
export class ReplyPolicy {
  /** What was added, in the order of asking. */
  readonly additions: Array<readonly [directive: DirectiveKey, sources: readonly string[]]> = []
  /** True while the headers of the reply are written. */
  closed = false

  /**
   * Adds sources to a directive, by the rules of the option `append`.
   *
   * Throws `SecurityError`: `BULWARK_ERR_HEADERS_SOURCE_REFUSED` (400, the reason in `cause`) for what the grammar refuses, since the value
   * may be the client's; `BULWARK_ERR_HEADERS_SENT` after the headers were written.
   */
  append (directive: DirectiveKey, ...sources: string[]): this {
    if (this.closed) throw new SecurityError('BULWARK_ERR_HEADERS_SENT')
    try {
      compileAppend(directive, sources, `reply.csp.append.${directive}`)
    } catch (cause) {
      throw new SecurityError('BULWARK_ERR_HEADERS_SOURCE_REFUSED', undefined, { cause })
    }
    this.additions.push([directive, sources])
    return this
  }
}
