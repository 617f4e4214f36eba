import t from 'tap'
import { parseUrl } from '../../lib/parse-url.ts'

const BASE = 'https://app.test/a/b'

t.test('a URL, or nothing', async (t) => {
  const cases: Array<[what: string, text: string, base: string | undefined, href: string | undefined]> = [
    ['a whole one', 'https://App.test', undefined, 'https://app.test/'],
    ['a whole one with a base', 'https://app.test/x', BASE, 'https://app.test/x'],
    ['a relative one with a base', '../c', BASE, 'https://app.test/c'],
    ['a relative one without a base', '../c', undefined, undefined],
    ['nothing', '', undefined, undefined],
    ['nothing with a base', '', BASE, BASE],
    ['a host beyond ASCII', 'https://bücher.test', undefined, 'https://xn--bcher-kva.test/'],
    ['a host that no host may be', 'https://Ã¨.test', undefined, undefined],
    ['the same, relative', '//Ã¨.test', BASE, undefined],
    ['a port out of range', 'https://app.test:99999', undefined, undefined]
  ]
  for (const [what, text, base, href] of cases) t.equal(parseUrl(text, base)?.href, href, what)
})

t.test('when it has been called often, as on a server, the answer is the same', async (t) => {
  for (let i = 0; i < 200_000; i++) parseUrl('https://app.test/')
  t.equal(parseUrl('https://bücher.test')?.host, 'xn--bcher-kva.test')
  t.equal(parseUrl('https://Ã¨.test'), undefined)
})
