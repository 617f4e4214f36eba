import t from 'tap'
import { cert, key, listen, plain, secure, type RawReply } from './raw-http.ts'
import { build, codeOf, HOSTS, HTML, rejections, text } from './transport-server.ts'

const MALFORMED: Array<[what: string, host: string[], line?: string]> = [
  ['credentials', ['app.test@evil.test']],
  ['credentials of this site', ['evil.test@app.test']],
  ['a path and markup', ['app.test/../"><b>']],
  ['a blank', ['app.test evil.test']],
  ['a port that is none', ['app.test:bad']],
  ['a port beyond all ports', ['app.test:99999']],
  ['port 0', ['app.test:0']],
  ['an empty port', ['app.test:']],
  ['an open bracket', ['[::1']],
  ['empty', ['']],
  ['blanks', ['   ']],
  ['two that differ', ['app.test', 'evil.test']],
  ['two that are alike', ['app.test', 'app.test']],
  ['a list', ['app.test, evil.test']],
  ['a fragment', ['app.test#evil.test']],
  ['a query', ['app.test?evil.test']],
  ['a backslash', ['app.test\\evil.test']],
  ['latin-1', ['b\u00fccher.test']],
  ['UTF-8', ['b\u00c3\u00bccher.test']],
  ['an escape', ['app%2etest']],
  ['an underscore', ['my_app.test']],
  ['a scheme', ['https://app.test']],
  ['an empty label', ['a..app.test']],
  ['a tab within', ['app\t.test']],
  ['a target with another host', ['app.test'], 'GET http://evil.test/a HTTP/1.1'],
  ['a target with another host over https', ['app.test'], 'GET https://evil.test/a HTTP/1.1'],
  ['a target with credentials', ['app.test'], 'GET http://app.test@evil.test/a HTTP/1.1'],
  ['a target with another scheme', ['app.test'], 'GET ftp://app.test/a HTTP/1.1'],
  ['an asterisk without OPTIONS', ['app.test'], 'GET * HTTP/1.1'],
  ['none, in HTTP/1.0', [], 'GET /a HTTP/1.0']
]

const FOREIGN: Array<[what: string, host: string]> = [
  ['another host', 'evil.test'],
  ['another port', 'app.test:8080'],
  ['a host that ends alike', 'evilapp.test'],
  ['a host that begins alike', 'app.test.evil.test'],
  ['an address', '127.0.0.1'],
  ['this machine, which is not exempted here', 'localhost'],
  ['an address of IPv6', '[::1]:443'],
  ['dots and digits', '1.1.1.1.']
]

const ADMITTED: Array<[what: string, host: string, name: string, line?: string]> = [
  ['the host', 'app.test', 'app.test'],
  ['in capitals, with the dot of the root', 'APP.TEST.', 'app.test'],
  ['a subdomain', 'a.b.app.test', 'a.b.app.test'],
  ['white space around', '  app.test\t', 'app.test'],
  ['an absolute target', 'app.test', 'app.test', 'GET http://app.test/a?b=c HTTP/1.1'],
  ['an absolute target in capitals', 'app.test', 'app.test', 'GET HTTP://APP.TEST/a?b=c HTTP/1.1'],
  ['HTTP/1.0', 'app.test', 'app.test', 'GET /a?b=c HTTP/1.0']
]

t.test('the Host of a request', async (t) => {
  const options = { ...HOSTS, allowLoopback: false }
  const ports = { plain: await listen(t, await build({}, options)), secure: await listen(t, await build({ https: { key, cert } }, options)) }
  const both = async (request: string): Promise<Array<[scheme: string, reply: RawReply]>> => [['http', await plain(ports.plain, request)], ['https', await secure(ports.secure, request)]]

  for (const [what, host, line] of MALFORMED) {
    for (const [scheme, reply] of await both(text({ host, more: [HTML], ...line === undefined ? {} : { line } }))) {
      t.equal(reply.status, 400, `${scheme}, malformed: ${what}`)
      t.match(codeOf(reply) ?? 'HOST_MALFORMED', 'HOST_MALFORMED', what)
      t.notOk('location' in reply.headers || 'set-cookie' in reply.headers)
    }
  }
  for (const [what, host] of FOREIGN) {
    for (const [scheme, reply] of await both(text({ host: [host], more: [HTML] }))) {
      t.match({ status: reply.status, code: codeOf(reply) }, { status: 421, code: 'HOST_REFUSED' }, `${scheme}, foreign: ${what}`)
      t.notOk('location' in reply.headers || 'set-cookie' in reply.headers)
    }
  }
  for (const [what, host, name, line] of ADMITTED) {
    const request = text({ host: [host], more: [HTML], ...line === undefined ? {} : { line } })
    const [[, http], [, https]] = await both(request) as [[string, RawReply], [string, RawReply]]
    t.match(http, { status: 308, headers: { location: [`https://${name}/a?b=c`] }, body: '' }, `http, admitted: ${what}`)
    t.notOk('set-cookie' in http.headers)
    t.equal(https.status, 200, `https, admitted: ${what}`)
    t.same(https.headers['set-cookie'], ['session=1'])
  }
  const none = await plain(ports.plain, text({ host: [] }))
  t.equal(none.status, 400, 'none, in HTTP/1.1: Node answers')
})

t.test('what the target of a redirect may hold', async (t) => {
  const port = await listen(t, await build({}, { ...HOSTS, allowLoopback: false }))
  const targets: Array<[target: string, location: string]> = [
    ['/', 'https://app.test/'],
    ['//evil.test/a', 'https://app.test//evil.test/a'],
    ['/\\evil.test', 'https://app.test/\\evil.test'],
    ['/%0d%0aset-cookie:%20a=b?c=%23#d', 'https://app.test/%0d%0aset-cookie:%20a=b?c=%23#d'],
    ['/"><script>alert(1)</script>', 'https://app.test/"><script>alert(1)</script>'],
    ['/@evil.test', 'https://app.test/@evil.test'],
    ['/:8443', 'https://app.test/:8443'],
    ['http://app.test?a', 'https://app.test/?a']
  ]
  for (const [target, location] of targets) {
    const reply = await plain(port, text({ line: `GET ${target} HTTP/1.1`, more: [HTML] }))
    t.match(reply, { status: 308, headers: { location: [location] }, body: '' }, target)
    t.equal(new URL(reply.headers['location']![0]!).origin, 'https://app.test', target)
  }
  for (const target of ['/caf\u00e9', '/\u00e6\u0097\u00a5', '@evil.test', '.evil.test', '/a\tb', 'http://app.test\\@evil.test/']) {
    const reply = await plain(port, text({ line: `GET ${target} HTTP/1.1`, more: [HTML] }))
    t.equal(reply.status, 400, `Node refuses ${JSON.stringify(target)}`)
  }
})

t.test('no rejection was left unhandled', async (t) => t.same(rejections, []))
