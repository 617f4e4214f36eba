import t from 'tap'
import { isNavigation } from '../../../lib/transport/navigation.ts'

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const cases: Array<[what: string, method: string, headers: Record<string, string>, isPage: boolean]> = [
  ['a browser over plain http', 'GET', { accept: HTML }, true],
  ['HEAD of a page', 'HEAD', { accept: HTML }, true],
  ['XHTML', 'GET', { accept: 'application/xhtml+xml' }, true],
  ['capitals', 'GET', { accept: 'Text/HTML' }, true],
  ['a browser that says what it does', 'GET', { 'sec-fetch-mode': 'navigate', accept: '*/*' }, true],
  ['a script of a page', 'GET', { 'sec-fetch-mode': 'no-cors', accept: HTML }, false],
  ['fetch', 'GET', { 'sec-fetch-mode': 'cors', accept: HTML }, false],
  ['a program that takes anything', 'GET', { accept: '*/*' }, false],
  ['a program that says nothing', 'GET', {}, false],
  ['an API client', 'GET', { accept: 'application/json' }, false],
  ['a type that only ends alike', 'GET', { accept: 'xtext/html5' }, false],
  ['a form', 'POST', { accept: HTML, 'sec-fetch-mode': 'navigate' }, false],
  ['OPTIONS', 'OPTIONS', { accept: HTML }, false],
  ['a WebSocket', 'GET', { accept: HTML, upgrade: 'websocket', connection: 'upgrade' }, false],
  ['any upgrade', 'GET', { accept: HTML, upgrade: 'h2c' }, false]
]

for (const [what, method, headers, isPage] of cases) {
  t.test(`${isPage ? 'a page' : 'no page'}: ${what}`, async (t) => t.equal(isNavigation({ method, headers }), isPage))
}
