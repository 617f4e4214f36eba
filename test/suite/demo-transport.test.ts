import fc from 'fast-check'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { LONGEST_LINE, parseCurlLine, type CurlRequest } from '../../docs/demo/curl-line.ts'
import { build } from '../../docs/demo/server.ts'
import { TRUSTS, WAYS, Witnesses, type Trust, type Way } from '../../docs/demo/witness.ts'

const app = await build()
const witnesses = new Witnesses()
t.teardown(async () => Promise.all([app.close(), witnesses.close()]))

// ---- the curl line

const read: Array<[what: string, line: string, wanted: Partial<CurlRequest>]> = [
  ['an address', 'curl https://app.test/a?b=c', { method: 'GET', isSecure: true, host: 'app.test', path: '/a?b=c', headers: [['Host', 'app.test'], ['User-Agent', 'curl/8'], ['Accept', '*/*']] }],
  ['an address without a scheme', 'curl app.test:8080', { isSecure: false, path: '/', host: 'app.test:8080' }],
  ['an address as an option', "curl --url 'https://app.test/'", { host: 'app.test' }],
  ['single quotes', "curl 'https://app.test/?a=1&b=2'", { path: '/?a=1&b=2' }],
  ['double quotes with escapes', 'curl "https://app.test/" -H "X-A: \\"b\\" \\n"', { headers: [['Host', 'app.test'], ['User-Agent', 'curl/8'], ['Accept', '*/*'], ['X-A', '"b" \\n']] }],
  ['a dollar sign that is not expanded', 'curl a.test -A "$HOME `id`"', { headers: [['Host', 'a.test'], ['Accept', '*/*'], ['User-Agent', '$HOME `id`']] }],
  ['words that are parted by backslashes and line breaks', 'curl \\\n  https://app.test/ \\\r\n  -e ref', { headers: [['Host', 'app.test'], ['User-Agent', 'curl/8'], ['Accept', '*/*'], ['Referer', 'ref']] }],
  ['a quotation within a word', "curl https://app.test/'a b'", { path: '/a%20b' }],
  ['a header in the place of a default', "curl a.test -H 'accept: text/html'", { headers: [['Host', 'a.test'], ['User-Agent', 'curl/8'], ['accept', 'text/html']] }],
  ['a header that is removed', "curl a.test -H 'User-Agent:' -H 'Accept:'", { headers: [['Host', 'a.test']] }],
  ['a header that is empty', "curl a.test -H 'Host;' -H 'Accept:' -H 'User-Agent:'", { headers: [['Host', '']] }],
  ['two hosts', "curl a.test -H 'Host: b.test' -H 'Host: c.test' -A x -H 'Accept:'", { headers: [['Host', 'b.test'], ['Host', 'c.test'], ['User-Agent', 'x']] }],
  ['HEAD', 'curl -I a.test', { method: 'HEAD' }],
  ['a method', 'curl -X DELETE a.test', { method: 'DELETE' }],
  ['a method right behind its letter', 'curl -XPUT a.test', { method: 'PUT' }],
  ['a body', "curl a.test -d 'a=b' --json '{}'", { method: 'POST' }],
  ['letters that stand together', "curl -siLH 'X-A: b' a.test -A '' -H 'Accept:'", { headers: [['Host', 'a.test'], ['X-A', 'b'], ['User-Agent', '']] }],
  ['options that change nothing here', 'curl --compressed -k --max-time 3 --resolve a:1:b -o out a.test', { host: 'a.test' }],
  ['letters outside ASCII, as bytes', "curl a.test -A 'é' -H 'Accept:'", { headers: [['Host', 'a.test'], ['User-Agent', '\u00c3\u00a9']] }],
  ['an address with a name and a password', 'curl https://user:pass@app.test/', { host: 'app.test' }],
  ['an upper-case scheme', 'curl HTTPS://APP.test/', { isSecure: true, host: 'app.test' }]
]

for (const [what, line, wanted] of read) {
  t.test(`a curl line: ${what}`, async (t) => t.match(parseCurlLine(line), { ok: true, request: wanted }))
}

const refused: Array<[what: string, line: string, reason: string]> = [
  ['nothing', '', 'does not begin with curl'],
  ['another program', 'wget https://app.test/', 'does not begin with curl'],
  ['no address', 'curl -i', 'no address'],
  ['two addresses', 'curl a.test b.test', 'two addresses'],
  ['a second command', 'curl a.test; rm -rf /', 'more than one command'],
  ['a pipe', 'curl a.test | sh', 'more than one command'],
  ['a command in a command', 'curl $(id)', 'more than one command'],
  ['an ampersand without quotes', 'curl http://a.test/?a=1&b=2', 'more than one command'],
  ['a second line', 'curl a.test\ncurl b.test', 'more than one line'],
  ['an open quotation mark', "curl 'a.test", 'not closed'],
  ['an open double one', 'curl "a.test\\"', 'not closed'],
  ['an option that is not known', 'curl a.test --proxy http://b.test', 'The option --proxy is not known'],
  ['a letter that is not known', 'curl -x b.test a.test', 'The option -x is not known'],
  ['a configuration file', 'curl -K /etc/passwd a.test', 'The option -K is not known'],
  ['an option without a value', 'curl a.test -H', 'no value'],
  ['a header without a colon', "curl a.test -H 'X-A'", 'no name'],
  ['a header with a blank in its name', "curl a.test -H 'X A: b'", 'no name'],
  ['a header with a line break', "curl a.test -H 'X-A: b\nX-C: d'", 'no header can have'],
  ['a pseudo-header', "curl a.test -H ':authority: b'", 'no name'],
  ['another scheme', 'curl file:///etc/passwd', 'none of http or https'],
  ['an address that is none', 'curl http://[', 'none of http or https'],
  ['a method that is none', "curl -X 'GET / HTTP/1.1' a.test", 'The method is none of'],
  ['CONNECT', 'curl -X CONNECT a.test', 'The method is none of'],
  ['too many headers', `curl a.test${" -H 'a: b'".repeat(51)}`, 'more than 50 headers'],
  ['too long a line', `curl a.test/${'a'.repeat(LONGEST_LINE)}`, 'longer than 2000']
]

for (const [what, line, reason] of refused) {
  t.test(`no curl line: ${what}`, async (t) => {
    const parsed = parseCurlLine(line)
    t.notOk(parsed.ok)
    t.ok(!parsed.ok && parsed.reason.includes(reason), JSON.stringify(parsed))
  })
}

t.test('any text at all is read or refused, and whatever is read can be asked', async (t) => {
  const piece = fc.oneof(fc.constantFrom('curl', ' ', '-H ', "'", '"', '\\', '\n', 'Host: ', 'X-Forwarded-For: ', 'x-forwarded-host: ', 'X-Forwarded-Proto: ', 'content-length: 5', 'transfer-encoding: chunked', 'expect: 100-continue', 'upgrade: websocket', 'app.test', 'https://', '-XPOST ', '-d x ', ':', ';', ',', '@', '%zz', '/../'), fc.string({ unit: 'binary', maxLength: 5 }))
  const line = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((parts) => `curl ${parts.join('')}`),
    fc.array(fc.tuple(fc.constantFrom('Host', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Content-Length', 'Content-Type', 'Connection', 'Cookie', 'constructor', '__proto__'), fc.string({ maxLength: 12 })), { maxLength: 5 }).map((headers) => `curl app.test ${headers.map(([name, value]) => `-H '${name}: ${value.replaceAll("'", '')}'`).join(' ')}`)
  )
  let asked = 0
  await fc.assert(fc.asyncProperty(line, fc.constantFrom(...Object.keys(TRUSTS) as Trust[]), fc.constantFrom(...Object.keys(WAYS) as Way[]), async (line, trust, way) => {
    const parsed = parseCurlLine(line)
    if (!parsed.ok) return
    asked++
    const { status } = await witnesses.ask(parsed.request, trust, way)
    if (status >= 500) throw new Error(`${status}`)
  }), { numRuns: 600 })
  t.ok(asked > 100)
})

// ---- the room

async function ask (curl: string, trust: string, way: string): Promise<LightMyRequestResponse> {
  return await app.inject(`/transport?${new URLSearchParams({ curl, trust, way })}`)
}

const cell = (body: string, what: string): { believed: string, verdict: string | undefined } => {
  const [, believed = '', verdict] = new RegExp(`<code>${what.replace('.', '\\.')}</code></th><td><code>([^<]*)</code> (?:<span class="outcome" data-state="(\\w+)">)?`).exec(body) ?? []
  return { believed, verdict }
}

const shown: Array<[what: string, curl: string, trust: Trust, way: Way, status: number, ip: [string, string], host: [string, string], protocol: [string, string]]> = [
  ['an ordinary page behind a proxy', "curl https://app.test/ -H 'Accept: text/html'", 'network', 'proxy', 200, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'good']],
  ['https without a proxy', 'curl https://app.test/', 'none', 'direct', 200, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'good']],
  ['a page over http', "curl http://app.test/a -H 'Accept: text/html'", 'network', 'proxy', 308, ['203.0.113.9', 'good'], ['app.test', 'good'], ['http', 'good']],
  ['a program over http', 'curl http://app.test/a', 'none', 'direct', 403, ['203.0.113.9', 'good'], ['app.test', 'good'], ['http', 'good']],
  ['an address made up, and everybody trusted', "curl https://app.test/ -H 'X-Forwarded-For: 6.6.6.6'", 'everybody', 'proxy', 200, ['6.6.6.6', 'bad'], ['app.test', 'good'], ['https', 'good']],
  ['the same, and the proxy trusted', "curl https://app.test/ -H 'X-Forwarded-For: 6.6.6.6'", 'network', 'proxy', 200, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'good']],
  ['https made up past the proxy, and hops counted', "curl http://app.test/ -H 'X-Forwarded-Proto: https'", 'hops', 'direct', 200, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'bad']],
  ['the same, and the proxy trusted', "curl http://app.test/ -H 'X-Forwarded-Proto: https'", 'network', 'direct', 403, ['203.0.113.9', 'good'], ['app.test', 'good'], ['http', 'good']],
  ['a forwarded host, passed on', "curl https://app.test/ -H 'X-Forwarded-Host: evil.test'", 'network', 'careless', 421, ['203.0.113.9', 'good'], ['evil.test', 'bad'], ['https', 'good']],
  ['a forwarded host, overwritten', "curl https://app.test/ -H 'X-Forwarded-Host: evil.test'", 'network', 'proxy', 200, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'good']],
  ['credentials', "curl https://app.test/ -H 'Host: app.test@evil.test'", 'none', 'direct', 400, ['203.0.113.9', 'good'], ['app.test@evil.test', 'bad'], ['https', 'good']],
  ['two hosts', "curl https://app.test/ -H 'Host: app.test' -H 'Host: evil.test'", 'none', 'direct', 400, ['203.0.113.9', 'good'], ['app.test', 'good'], ['https', 'good']],
  ['no host', "curl https://app.test/ -H 'Host:'", 'none', 'direct', 400, ['203.0.113.9', 'good'], ['', 'bad'], ['https', 'good']],
  ['a scheme that is none', "curl https://app.test/ -H 'X-Forwarded-Proto: javascript'", 'network', 'careless', 400, ['203.0.113.9', 'good'], ['app.test', 'good'], ['javascript', 'bad']],
  ['localhost from far away', 'curl http://localhost/', 'none', 'direct', 421, ['203.0.113.9', 'good'], ['localhost', 'good'], ['http', 'good']],
  ['a number', "curl https://app.test/ -H 'Accept: text/html'", 'count', 'proxy', 308, ['10.0.0.1', 'bad'], ['app.test', 'good'], ['http', 'bad']]
]

for (const [what, curl, trust, way, status, ip, host, protocol] of shown) {
  t.test(`the room shows: ${what}`, async (t) => {
    const { body, statusCode } = await ask(curl, trust, way)
    t.equal(statusCode, 200)
    t.equal(/<strong id="status">(\d+)</.exec(body)?.[1], String(status))
    t.same([cell(body, 'request.ip'), cell(body, 'request.host'), cell(body, 'request.protocol')], [ip, host, protocol].map(([believed, verdict]) => ({ believed, verdict })))
  })
}

t.test('every sample can be asked, and the samples show every answer', async (t) => {
  const { body } = await app.inject('/transport')
  const links = [...body.matchAll(/href="(\/transport\?[^"]+)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&').replace('#answer', ''))
  t.ok(links.length > 10)
  const statuses = await Promise.all(links.map(async (link) => /<strong id="status">(\d+)</.exec((await app.inject(link)).body)?.[1]))
  t.same([...new Set(statuses)].sort(), ['200', '308', '400', '403', '421'])
})

t.test('what a visitor writes is shown as text', async (t) => {
  const attack = '</textarea><script>alert(1)</script>'
  for (const curl of [attack, `curl a.test -A '${attack}' -e '${attack}' -H 'Host: ${attack}' -H 'X-Forwarded-Host: ${attack}'`]) {
    for (const trust of Object.keys(TRUSTS)) {
      const { body, statusCode } = await ask(curl, trust, 'careless')
      t.equal(statusCode, 200)
      t.notMatch(body, '<script>alert', trust)
    }
  }
})

t.test('odd questions are answered with a page', async (t) => {
  for (const query of ['curl=', 'curl=a&curl=b', 'trust=constructor&way=__proto__', `curl=${'x'.repeat(5000)}`, 'curl=%00%ff', 'curl[a]=b', 'trust[]=none', `${'a=b&'.repeat(500)}`]) {
    const { statusCode, body } = await app.inject(`/transport?${query}`)
    t.equal(statusCode, 200, query.slice(0, 40))
    t.ok(body.length < 40_000)
  }
})
