import fc from 'fast-check'
import t from 'tap'
import { encodeName, isPrefix, localPath, remoteAddress } from '../../../lib/integrity/asset-url.ts'

const local: Array<[what: string, url: string, path: string | undefined]> = [
  ['a path', '/public/app.js', '/public/app.js'],
  ['a query selects no other file', '/public/app.js?v=1', '/public/app.js'],
  ['nor does a fragment', '/public/app.js#a', '/public/app.js'],
  ['a question mark in the query', '/public/app.js?a?b=/../x', '/public/app.js'],
  ['what need not be encoded', '/public/%61pp.js', '/public/app.js'],
  ['what must be', '/a b/ä.js', '/a%20b/%C3%A4.js'],
  ['what is', '/a%20b/%c3%a4.js', '/a%20b/%C3%A4.js'],
  ['a scope of npm', '/node_modules/@scope/a.js', '/node_modules/@scope/a.js'],
  ['an encoded question mark is part of the name', '/what%3F.js', '/what%3F.js'],
  ['an encoded percent sign', '/100%25.js', '/100%25.js'],
  ['dot segments, as a browser resolves them', '/public/../app.js', '/app.js'],
  ['encoded dot segments', '/public/%2e%2E/app.js', '/app.js'],
  ['dot segments beyond the top', '/../../app.js', '/app.js'],
  ['a backslash is a slash to a browser', '\\public\\app.js', '/public/app.js'],
  ['an encoded slash names no file', '/public%2Fapp.js', undefined],
  ['nor does a zero', '/app.js%00', undefined],
  ['nor a percent sign alone', '/100%.js', undefined],
  ['nor what is no UTF-8', '/%ff.js', undefined],
  ['another site', 'https://a.test/app.js', undefined],
  ['another site without its scheme', '//a.test/app.js', undefined],
  ['another site by a backslash', '/\\a.test/app.js', undefined],
  ['another site by a tab, which a browser takes out', '/\t/a.test/app.js', undefined],
  ['no host', '//', undefined],
  ['a path that depends on the page', 'app.js', undefined],
  ['nothing', '', undefined]
]
for (const [what, url, path] of local) t.test(`path: ${what}`, async (t) => t.equal(localPath(url), path))

const remote: Array<[what: string, url: string, address: string | undefined]> = [
  ['https', 'https://a.test/b@1.2.3.js', 'https://a.test/b@1.2.3.js'],
  ['one spelling', 'HTTPS://A.test:443/a/../b.js', 'https://a.test/b.js'],
  ['a query counts', 'https://a.test/b.js?v=1', 'https://a.test/b.js?v=1'],
  ['a fragment does not', 'https://a.test/b.js#a', 'https://a.test/b.js'],
  ['plain http', 'http://a.test/b.js', undefined],
  ['plain http to this machine', 'http://127.0.0.1:3000/b.js', 'http://127.0.0.1:3000/b.js'],
  ['credentials', 'https://user@a.test/b.js', undefined],
  ['a password', 'https://:p@a.test/b.js', undefined],
  ['another scheme', 'data:text/javascript,1', undefined],
  ['no scheme', '//a.test/b.js', undefined],
  ['no URL', 'https://', undefined]
]
for (const [what, url, address] of remote) t.test(`address: ${what}`, async (t) => t.equal(remoteAddress(url), address))

t.test('prefixes', async (t) => {
  for (const prefix of ['/', '/public', '/public/', '/a/b/', '/%C3%A4/']) t.ok(isPrefix(prefix), prefix)
  for (const prefix of ['', 'public', '//', '/a//b', '/a/../b', '/a?b', '/a#b', '/ä/', '/a b', '//a.test/', 'https://a.test/', '\\a']) t.notOk(isPrefix(prefix), prefix)
})

t.test('the name of any file makes a URL of one spelling, which leads back to it', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/[/\0]|^\.{1,2}$|\p{Surrogate}/u.test(name))
  fc.assert(fc.property(name, (name) => {
    const path = `/${encodeName(name)}`
    return localPath(path) === path && new URL(path, 'http://a.test').pathname === path && decodeURIComponent(path.slice(1)) === name
  }))
})

t.test('any text is a URL or is not, and a path is its own', async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.webPath(), fc.string().map((text) => `/${text}`)), (text) => {
    const path = localPath(text)
    return path === undefined || localPath(path) === path
  }))
})
