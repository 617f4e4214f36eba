import fc from 'fast-check'
import { parseFragment } from 'parse5'
import t from 'tap'
import { completeTag, escapeAttribute, formatAttribute } from '../../../lib/integrity/tag.ts'

const CODE = 'BULWARK_ERR_INTEGRITY_ATTRIBUTE_INVALID'

t.test('attributes', async (t) => {
  t.equal(formatAttribute('src', '/a.js?a=1&b="<\'>'), ' src="/a.js?a=1&amp;b=&quot;&lt;&#39;&gt;"')
  t.equal(completeTag('<link', undefined), '<link>')
  t.equal(completeTag('<link', null, { media: 'print', 'data-n': 1, disabled: true, hidden: false, title: undefined }), '<link media="print" data-n="1" disabled>')
  t.equal(completeTag('<link', 'a"', {}), '<link nonce="a&quot;">')
  t.equal(completeTag('<link', 'a', { crossorigin: 'use-credentials', nonce: 'b' }), '<link crossorigin="use-credentials" nonce="b">')
  t.equal(completeTag('<link', 'a', { nonce: undefined }), '<link>')
})

const refused: Array<[what: string, attributes: Record<string, string | boolean>]> = [
  ['a name that ends the tag', { 'a><script>': '' }],
  ['a name with a space', { 'a onload': '' }],
  ['a name that is empty', { '': '' }],
  ['a name in capitals', { onLoad: '' }],
  ['a handler', { onload: 'x()' }],
  ['the address', { src: '/b.js' }],
  ['the address of a link', { href: '/b.js' }],
  ['the kind of a link', { rel: 'icon' }],
  ['the metadata', { integrity: '' }],
  ['no CORS', { crossorigin: false }],
  ['CORS of another kind', { crossorigin: 'none' }]
]
for (const [what, attributes] of refused) t.test(`refused: ${what}`, async (t) => t.throws(() => completeTag('<script', undefined, attributes), { code: CODE }))

t.test('whatever a value is, it stays within its quotes', async (t) => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
    const { childNodes } = parseFragment(completeTag(`<link${formatAttribute('href', value)}`, undefined, { title: value }))
    const [link, ...rest] = childNodes
    const attrs = (link as { attrs: Array<{ name: string, value: string }> }).attrs
    const normal = value.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '\ufffd')
    return rest.length === 0 && attrs.length === 2 && attrs.every((attribute) => attribute.value === normal)
  }))
  t.equal(escapeAttribute('/plain'), '/plain')
})
