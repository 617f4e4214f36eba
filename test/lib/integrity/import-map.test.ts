import fc from 'fast-check'
import t from 'tap'
import { formatImportMap, type ImportMap } from '../../../lib/integrity/import-map.ts'

const under = (prefix: string): string[] => [`${prefix}one.js`, `${prefix}two.js`]
const format = (map: ImportMap, modules: string[] = []): unknown => JSON.parse(formatImportMap(map, modules, (url) => `hash of ${url}`, under))

t.test('the metadata of everything that is named, each once', async (t) => {
  t.same(format({}), { integrity: {} })
  t.same(format({ imports: { a: '/a.js', b: '/a.js', no: null } }, ['/a.js', '/c.js']), {
    imports: { a: '/a.js', b: '/a.js', no: null },
    integrity: { '/a.js': 'hash of /a.js', '/c.js': 'hash of /c.js' }
  })
  t.same(format({ scopes: { '/old/': { a: '/old.js', no: null } } }), { scopes: { '/old/': { a: '/old.js', no: null } }, integrity: { '/old.js': 'hash of /old.js' } })
  t.same(format({ imports: { 'lib/': '/lib/' } }), { imports: { 'lib/': '/lib/' }, integrity: { '/lib/one.js': 'hash of /lib/one.js', '/lib/two.js': 'hash of /lib/two.js' } }, 'a folder')
})

t.test('nothing in it ends the element, and the browser reads what was meant', async () => {
  fc.assert(fc.property(fc.dictionary(fc.string().map((key) => `${key}</script><!--`), fc.string()), (imports) => {
    const text = formatImportMap({ imports }, [], (url) => url, under)
    return !text.includes('<') && JSON.stringify((JSON.parse(text) as ImportMap).imports) === JSON.stringify(imports)
  }))
})
