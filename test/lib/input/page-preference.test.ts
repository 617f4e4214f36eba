import t from 'tap'
import { prefersPage } from '../../../lib/input/page-preference.ts'

t.test('a page or data', async (t) => {
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  const rows: Array<[accept: string | undefined, kind: 'form' | 'json' | undefined, page: boolean]> = [
    [browser, 'form', true],
    [browser, 'json', true],
    ['application/json', 'form', false],
    ['application/problem+json', 'form', false],
    ['application/json, text/html;q=0.9', 'form', false],
    ['application/json;q=0.5, text/html', 'json', true],
    ['*/*', 'form', true],
    ['*/*', 'json', false],
    ['*/*', undefined, true],
    [undefined, 'form', true],
    [undefined, 'json', false],
    ['text/*', 'json', true],
    ['image/png', 'form', true],
    ['text/html;q=nonsense', 'json', true],
    ['text/html;q=9', 'json', true],
    ['text/html;q=0, */*', 'form', false]
  ]
  for (const [accept, kind, page] of rows) t.equal(prefersPage(accept, kind), page, `${String(accept)} for ${String(kind)}`)
})
