import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { LEAVE_HEADERS, leavePage, parseExternal } from '../../../lib/redirect/leave-page.ts'
import { lintPolicy } from '../../../lib/headers/csp-lint.ts'

const page = (url: string, home = 'https://app.test/'): string => leavePage(new URL(url), home)

t.test('the page names host and address, and goes on by a click alone', async (t) => {
  const html = page('https://evil.test:8443/a?b=c&d#e')
  t.match(html, '<strong>evil.test:8443</strong>')
  t.match(html, '<code>https://evil.test:8443/a?b=c&amp;d#e</code>')
  t.match(html, '<a rel="noopener noreferrer nofollow" href="https://evil.test:8443/a?b=c&amp;d#e">')
  t.match(html, '<a href="https://app.test/">Stay here</a>')
  t.notMatch(html, /<script|http-equiv|onclick/i)
})

t.test('a name that looks like another one is shown in punycode', async (t) => {
  const html = page('https://аррӏе.test/')
  t.match(html, '<strong>xn--80ak6aa92e.test</strong>')
  t.notMatch(html, 'аррӏе')
})

t.test('nothing of the address becomes markup', async (t) => {
  for (const path of ['"><script>alert(1)</script>', "'onclick='alert(1)", '&lt;b&gt;', '<!--', '\u202egnp.exe']) {
    const html = page(`https://evil.test/${path}?${path}#${path}`)
    t.equal(html.match(/<[a-z]/g)?.length, page('https://evil.test/').match(/<[a-z]/g)?.length, path)
    t.match(html, /^[\n\x20-\x7e]+$/, 'it is all ASCII')
  }
  t.match(page('https://evil.test/', '/"><script>'), 'href="/&quot;&gt;&lt;script&gt;"')
})

t.test('the headers let it do nothing', async (t) => {
  const policy = LEAVE_HEADERS['content-security-policy']!
  t.same(lintPolicy(policy), [])
  t.match(policy, "default-src 'none'; ")
  const style = /<style>(.*)<\/style>/.exec(page('https://evil.test/'))![1]!
  t.match(policy, `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`, 'but show its own style')
  t.match(LEAVE_HEADERS, { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'text/html; charset=utf-8' })
  t.ok(Object.isFrozen(LEAVE_HEADERS))
})

const external: Array<[input: unknown, href: string | undefined]> = [
  ['https://evil.test/a', 'https://evil.test/a'],
  ['http://evil.test', 'http://evil.test/'],
  ['https://日本.test/é', 'https://xn--wgv71a.test/%C3%A9'],
  ['https://evil.test\t/\n', 'https://evil.test/'],
  ['https:evil.test', 'https://evil.test/'],
  ['https://user@evil.test/', undefined],
  ['https://:p@evil.test/', undefined],
  ['//evil.test', undefined],
  ['/path', undefined],
  ['', undefined],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['blob:https://app.test/x', undefined],
  ['file:///etc/passwd', undefined],
  ['app://callback', undefined],
  ['https://', undefined],
  [`https://evil.test/${'a'.repeat(16_384)}`, undefined],
  [['https://evil.test/'], undefined],
  [undefined, undefined],
  [null, undefined]
]

t.test('a target on another site is a whole URL of http or https', async (t) => {
  for (const [input, href] of external) t.equal(parseExternal(input)?.href, href, JSON.stringify(input)?.slice(0, 60))
  fc.assert(fc.property(fc.anything(), (input) => {
    const url = parseExternal(input)
    return url === undefined || /^https?:\/\/[\x21-\x7e]+$/.test(url.href)
  }))
})
