import t from 'tap'
import { parseOrigin } from '../../lib/origin.ts'

const CODE = 'BULWARK_ERR_HEADERS_OPTION_INVALID'

const accepted: Array<[what: string, text: string, origin: string]> = [
  ['https', 'https://app.test', 'https://app.test'],
  ['http', 'http://app.test', 'http://app.test'],
  ['a port', 'https://app.test:8443', 'https://app.test:8443'],
  ['the default port is left out', 'https://app.test:443', 'https://app.test'],
  ['capitals', 'HTTPS://App.Test', 'https://app.test'],
  ['a host beyond ASCII', 'https://bücher.test', 'https://xn--bcher-kva.test'],
  ['an address of IPv4', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
  ['an address of IPv6', 'http://[::1]:3000', 'http://[::1]:3000'],
  ['a host without a dot', 'http://localhost', 'http://localhost']
]

for (const [what, text, origin] of accepted) {
  t.test(`an origin: ${what}`, async (t) => t.equal(parseOrigin(text, 'plugin.origin', CODE).origin, origin))
}

const refused: Array<[what: string, text: string, advice?: string]> = [
  ['nothing', ''],
  ['a host alone', 'app.test', 'Write it with its scheme.'],
  ['a path', 'https://app.test/login', 'An origin ends behind its host and port.'],
  ['a slash at the end', 'https://app.test/'],
  ['a query', 'https://app.test?a'],
  ['a fragment', 'https://app.test#a'],
  ['credentials', 'https://user@app.test'],
  ['a wildcard', 'https://*.app.test'],
  ['a backslash', 'https:\\\\app.test'],
  ['one slash', 'https:/app.test'],
  ['a blank before it', ' https://app.test'],
  ['a line break behind it', 'https://app.test\n'],
  ['a tab within', 'https://app\t.test'],
  ['another scheme', 'ftp://app.test', 'Only http and https have origins.'],
  ['a scheme that runs', 'javascript:alert(1)'],
  ['`null`', 'null'],
  ['a port beyond all ports', 'https://app.test:99999'],
  ['no host', 'https://']
]

for (const [what, text, advice = 'expected an origin such as `https://app.test`'] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    const error = t.throws(() => parseOrigin(text, 'plugin.origin', CODE), { code: CODE }) as Error
    t.match(error.message, `plugin.origin: expected an origin such as \`https://app.test\`, received a string of length ${text.length}.`)
    t.match(error.message, advice)
  })
}
