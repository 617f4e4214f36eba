import { SecurityError } from '../errors.ts'
import { admitsName, parseHostPattern, type HostPattern } from '../host-pattern.ts'
import { expectation } from '../options.ts'
import { parseOrigin } from '../origin.ts'
import { OPTION_CODES } from './settings.ts'

interface AllowedHost {
  readonly pattern: HostPattern
  readonly protocol: string
}

/** True for a URL that an entry of the list admits: host, port and scheme alike. */
export type Admits = (url: URL) => boolean

/**
 * Compiles a list of hosts. An entry with its scheme is an origin and admits exactly that one; any other means https, since a name alone
 * must not admit `javascript://good.test/`.
 *
 * Throws `SecurityError` for an entry that is neither, and for plain http where it was ruled out.
 */
export function compileHosts (hosts: readonly string[], path: string, forbidsHttp: boolean): Admits {
  const allowed = hosts.map((entry, index) => parseEntry(entry, `${path}[${index}]`, forbidsHttp))
  return (url) => allowed.some(({ pattern, protocol }) => url.protocol === protocol && url.port === pattern.port && admitsName(pattern, url.hostname))
}

function parseEntry (entry: string, path: string, forbidsHttp: boolean): AllowedHost {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(entry)) {
    const { protocol, hostname, port } = parseOrigin(entry, path, OPTION_CODES.invalid)
    if (forbidsHttp && protocol === 'http:') {
      throw new SecurityError(OPTION_CODES.invalid, `${path}: expected an origin of https, received one of http, and \`requireHttps\` is set. Leave one of the two out.`)
    }
    return { protocol, pattern: { name: hostname, hasWildcard: false, port } }
  }
  const pattern = parseHostPattern(entry)
  if (pattern === undefined) {
    const advice = 'A wildcard stands for whole labels before at least two others; there is no path, no user and no other scheme.'
    throw new SecurityError(OPTION_CODES.invalid, expectation(path, 'a host such as `good.test`, `good.test:8443`, `*.good.test` or an origin such as `http://good.test:8080`', entry, advice))
  }
  return { protocol: 'https:', pattern: pattern.port === '443' ? { ...pattern, port: '' } : pattern }
}
