import { parseDirectives, type Directives, type Policy } from './csp-policy.ts'
import { kindOfDirective, type DirectiveName } from './csp-directives.ts'

/**
 * Reads a policy as a header has it (CSP3 §2.2.1): directives between `;`, the first of a name counts. `'nonce-…'` is read as `'nonce'`.
 * Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID` for what the builder would not write.
 */
export function parsePolicy (header: string): Policy {
  const directives = new Map<string, string[]>()
  for (const part of header.split(';')) {
    const [name, ...values] = part.trim().split(/[\t\n\f\r ]+/)
    if (name !== '' && !directives.has(name!.toLowerCase())) directives.set(name!.toLowerCase(), values.map(readNonce))
  }
  return parseDirectives(Object.fromEntries([...directives].map(([name, values]) => [name, values.length === 0 && isValueless(name) ? true : values])) as Directives, 'policy')
}

function readNonce (expression: string): string {
  return /^'nonce-[A-Za-z0-9+/_-]+={0,2}'$/.test(expression) ? "'nonce'" : expression
}

function isValueless (name: string): boolean {
  return kindOfDirective(name as DirectiveName) === 'none'
}
