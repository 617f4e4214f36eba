import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { kindOfDirective, type DirectiveName } from './csp-directives.ts'
import { parseDirectives, type Directives, type Policy } from './csp-policy.ts'
import { NONCE } from './csp-sources.ts'

/**
 * Reads a policy as a header has it (CSP3 §2.2.1): directives between `;`, the first of a name counts. `'nonce-…'` is read as `'nonce'`.
 * Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID` for what the builder would not write.
 */
export function parsePolicy (header: string): Policy {
  const directives = new Map<string, string[]>()
  for (const part of header.split(';')) {
    const [name, ...values] = part.split(/[\t\n\f\r ]+/).filter((token) => token !== '')
    if (name !== undefined && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), values.map(readNonce))
  }
  return parseDirectives(Object.fromEntries([...directives].map(([name, values]) => [name, values.length === 0 && isValueless(name) ? true : values])) as Directives, 'policy')
}

function readNonce (expression: string): string {
  // Our placeholder means nothing to a browser: taken for a nonce, it would hide an `'unsafe-inline'` that is in force.
  if (expression === NONCE) throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_INVALID', expectation('policy', "a nonce as a header has it, `'nonce-…'`", expression))
  return /^'nonce-[A-Za-z0-9+/_-]+={0,2}'$/.test(expression) ? NONCE : expression
}

function isValueless (name: string): boolean {
  return kindOfDirective(name as DirectiveName) === 'none'
}
