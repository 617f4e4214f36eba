import { SecurityError, type ErrorCode } from './errors.ts'
import { expectation } from './options.ts'
import { parseUrl } from './parse-url.ts'

/**
 * An origin of http or https as the URL parser writes it (`https://app.test`, `http://app.test:8080`): lower case, punycode, no default port.
 * Throws `SecurityError` with `code` for anything else: a path, a query, credentials, another scheme, a host with a wildcard.
 */
export function parseOrigin (text: string, path: string, code: ErrorCode): URL {
  const refuse = (advice?: string): never => {
    throw new SecurityError(code, expectation(path, 'an origin such as `https://app.test`', text, advice))
  }
  const url = parseUrl(text) ?? refuse(parseUrl(`https://${text}`) === undefined ? undefined : 'Write it with its scheme.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse('Only http and https have origins.')
  // The parser mends much: what it would mend was meant otherwise.
  if (!/^https?:\/\/[^/\\?#@*\s]+$/i.test(text)) refuse('An origin ends behind its host and port.')
  return url
}
