import fc from 'fast-check'
import t from 'tap'
import { escapeHtml, Html, html, HtmlAttributes, Json, safeJson } from '../../../lib/input/html.ts'

const evil = '<b>&"\''

t.test('values are escaped', async (t) => {
  const rows: Array<[title: string, page: Html, expected: string]> = [
    ['in text', html`<p>${evil}</p>`, '<p>&lt;b&gt;&amp;&quot;&#39;</p>'],
    ['in an attribute', html`<p title="${evil}">`, '<p title="&lt;b&gt;&amp;&quot;&#39;">'],
    ['in an attribute with single quotes', html`<p title='${evil}'>`, "<p title='&lt;b&gt;&amp;&quot;&#39;'>"],
    ['in a text area', html`<textarea>${evil}</textarea>`, '<textarea>&lt;b&gt;&amp;&quot;&#39;</textarea>'],
    ['numbers', html`${1}${2n}${0}`, '120'],
    ['nothing', html`${null}${undefined}${true}${false}`, ''],
    ['lists', html`<ul>${['a', '<'].map((item) => html`<li>${item}</li>`)}</ul>`, '<ul><li>a</li><li>&lt;</li></ul>'],
    ['lists of texts', html`${['<', ['>', null]]}`, '&lt;&gt;'],
    ['html within html', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
    ['html within an element that holds text alone', html`<title>${html`<b></b>`}</title>`, '<title>&lt;b&gt;&lt;/b&gt;</title>'],
    ['html in an attribute', html`<p title="${html`<b>`}">`, '<p title="&lt;b&gt;">'],
    ['what only looks like html', html`${{ isEscaped: true, toString: () => '<b>' }}`, '&lt;b&gt;'],
    ['an object', html`<script nonce="${{ toString: () => 'abc' }}"></script>`, '<script nonce="abc"></script>'],
    ['attributes of a field', html`<input ${new HtmlAttributes({ name: 'a"', required: true, disabled: false, min: 3, max: undefined, step: null })}>`, '<input name="a&quot;" required min="3">'],
    ['no attribute', html`<input ${undefined}>`, '<input >'],
    ['data', html`<script type="application/json">${safeJson({ a: '</script><!--' })}</script>`, '<script type="application/json">{"a":"\\u003c/script\\u003e\\u003c!--"}</script>'],
    ['data that was not made ready', html`<script type='application/ld+json'>${{ a: '<&\u2028' }}</script>`, '<script type=\'application/ld+json\'>{"a":"\\u003c\\u0026\\u2028"}</script>'],
    ['an address', html`<a href="${'/path?a=1&b=2'}">`, '<a href="/path?a=1&amp;b=2">'],
    ['an address elsewhere', html`<a href="${'https://example.com/'}">`, '<a href="https://example.com/">'],
    ['behind a path', html`<a href="/users/${'javascript:1'}">`, '<a href="/users/javascript:1">'],
    ['behind a host', html`<a href="https://example.com/${'<'}?q=${'&'}">`, '<a href="https://example.com/&lt;?q=&amp;">'],
    ['behind a query', html`<a href="?q=${'javascript:'}">`, '<a href="?q=javascript:">'],
    ['its own script', html`<script src="${'/app.js'}"></script>`, '<script src="/app.js"></script>']
  ]
  for (const [title, page, expected] of rows) t.equal(String(page), expected, title)
})

t.test('addresses that would run something', async (t) => {
  for (const address of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:x', 'file:///etc/passwd', 'x-y:z', '1:2']) {
    t.equal(String(html`<a href="${address}">`), '<a href="about:invalid">', address)
  }
  for (const address of ['/a:b', '?a:b', '#a:b', 'a/b', 'mailto:a@b.co', 'tel:+1', 'HTTP://x', '']) t.notMatch(String(html`<a href="${address}">`), 'about:invalid', address)
  for (const address of ['https://evil.example/x.js', '//evil.example/x.js', '/\\evil.example', 'x.js', '/\t/evil', 'data:,x']) {
    t.equal(String(html`<script src="${address}"></script>`), '<script src="about:invalid"></script>', address)
  }
  t.equal(String(html`<iframe src="${'https://evil.example'}"></iframe>`), '<iframe src="about:invalid"></iframe>')
})

t.test('places where nothing helps are refused, each time', async (t) => {
  const value = 'x'
  const refused: Array<[title: string, make: () => Html]> = [
    ['a script', () => html`<script>${value}</script>`],
    ['a module', () => html`<script type="module">${value}</script>`],
    ['an import map', () => html`<script type="importmap">${value}</script>`],
    ['a style', () => html`<style>${value}</style>`],
    ['a handler', () => html`<p onclick="${value}">`],
    ['a style attribute', () => html`<p style="${value}">`],
    ['the document of a frame', () => html`<iframe srcdoc="${value}"></iframe>`],
    ['several addresses', () => html`<img srcset="${value}">`],
    ['no quotes', () => html`<p title=${value}>`],
    ['no quotes, begun', () => html`<p title=a${value}>`],
    ['the name of a tag', () => html`<${value}>`],
    ['the name of a tag, begun', () => html`<h${value}>`],
    ['the name of an ending tag', () => html`</${value}>`],
    ['the name of an attribute, begun', () => html`<p data-${value}="x">`],
    ['a comment', () => html`<!-- ${value} -->`],
    ['a declaration', () => html`<!${value}>`],
    ['the type of a script', () => html`<script type="${value}"></script>`],
    ['the scheme of an address', () => html`<a href="java${value}">`],
    ['the host of an address', () => html`<a href="https://${value}/">`],
    ['the host, behind a slash', () => html`<a href="/${value}">`.toString() === '' ? html`` : html`<a href="//${value}">`],
    ['a script of a host, in parts', () => html`<script src="/${value}${value}"></script>`],
    ['a tag that is not closed', () => html`<p ${undefined}`],
    ['an element that is not closed', () => html`<script>x`],
    ['a comment that is not closed', () => html`<!-- x`],
    ['a value that is not closed', () => html`<p title="x`],
    ['xmp', () => html`<xmp>${value}</xmp>`],
    ['noscript', () => html`<noscript>${value}</noscript>`]
  ]
  for (const [title, make] of refused) {
    t.throws(make, { code: 'BULWARK_ERR_INPUT_HTML_UNSAFE' }, title)
    t.throws(make, { code: 'BULWARK_ERR_INPUT_HTML_UNSAFE' }, `${title}, again`)
  }
  t.throws(() => html`<p ${'onclick=alert(1)'}>`, TypeError, 'a text for an attribute')
})

t.test('fixed parts are nobody else\'s: they are left alone', async (t) => {
  for (const page of [html`<!doctype html><p class=a data-x>${1}</p><!-- a --><script>let a = "<b>"</script><style>p { color: red }</style><a href = 'x' title>${2}</a><br/>`, html`a < b ${1}`, html`<p title="a>b">${1}</p>`, html`<script>"</scriptx"</script >${1}`]) t.ok(Html.isHtml(page))
  t.match(String(html`<meta name="x" content="${'<'}">`), 'content="&lt;"')
})

t.test('nobody else makes html', async (t) => {
  t.ok(Html.isHtml(html`x`))
  for (const other of ['x', null, {}, { toString: () => 'x' }, Object.create(Html.prototype) as object]) {
    t.notOk(Html.isHtml(other))
    t.notOk(HtmlAttributes.isAttributes(other))
    t.notOk(Json.isJson(other))
  }
  t.equal(JSON.stringify({ a: html`<b>` }), '{"a":"<b>"}')
  t.equal(String(safeJson(undefined)), 'null')
})

t.test('whatever a value is, the page has the tags of its template', async (t) => {
  const tags = (text: string): number => text.split('<').length
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => {
    const page = String(html`<p title="${value}">${value}<b>${value}</b></p><a href="${value}">x</a>`)
    return tags(page) === 7 && (page.match(/"/g) ?? []).length === 4
  }))
  fc.assert(fc.property(fc.anything(), (value) => !/[<>&]/.test(String(safeJson(value)))), { examples: [['</script>']] })
  t.equal(escapeHtml('<>&"\''), '&lt;&gt;&amp;&quot;&#39;')
})

t.test('a value behind the slash that an address begins with does not make a host of it', async (t) => {
  const rows: Array<[what: string, page: Html, expected: string]> = [
    ['a path', html`<a href="/${'users/1'}">`, '<a href="/users/1">'],
    ['nothing', html`<a href="/${''}">`, '<a href="/">'],
    ['a slash', html`<script src="/${'/evil.test/x.js'}"></script>`, '<script src="/about:invalid"></script>'],
    ['a backslash', html`<a href="/${'\\evil.test'}">`, '<a href="/about:invalid">'],
    ['a slash behind what a browser drops', html`<a href=" /${'\t\n\r/evil.test'}">`, '<a href=" /about:invalid">'],
    ['nothing, before a slash of the template', html`<a href="/${''}/evil.test">`, '<a href="/about:invalid/evil.test">'],
    ['what prints nothing, before a slash of the template', html`<a href="/${undefined}/evil.test">`, '<a href="/about:invalid/evil.test">'],
    ['what a browser drops, before a slash of the template', html`<a href="/${'\t'}/evil.test">`, '<a href="/about:invalid/evil.test">'],
    ['a language, before a path', html`<a href="/${'de'}/login">`, '<a href="/de/login">'],
    ['a slash alone, before one of the template', html`<script src="${'/'}/evil.test/x.js"></script>`, '<script src="about:invalid/evil.test/x.js"></script>'],
    ['an address of this site, before a path', html`<script src="${'/static'}/x.js"></script>`, '<script src="/static/x.js"></script>'],
    ['an address that an animation sets', html`<set attributeName="href" to="${'javascript:alert(1)'}">`, '<set attributeName="href" to="about:invalid">']
  ]
  for (const [what, page, expected] of rows) t.equal(page.toString(), expected, what)
})
