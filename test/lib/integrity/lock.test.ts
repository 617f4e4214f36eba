import fc from 'fast-check'
import t from 'tap'
import { formatLock, parseLock, type Lock } from '../../../lib/integrity/lock.ts'
import { ALGORITHMS, integrityOf } from '../../../lib/integrity/metadata.ts'

const URL_1 = 'https://cdn.test/a@1.2.3.js'
const ASSET = { integrity: integrityOf(Buffer.from('a')), size: 1, date: '2026-11-25' }
const lock = (assets: object, more: object = {}): string => JSON.stringify({ version: 1, assets, ...more })

t.test('a lock file and what it says', async (t) => {
  t.same(parseLock(lock({ [URL_1]: ASSET }), 'lock'), { version: 1, assets: { [URL_1]: ASSET } })
  t.same(parseLock(lock({}), 'lock').assets, {})
  const two = { ...ASSET, integrity: `${ASSET.integrity} ${integrityOf(Buffer.from('b'), 'sha512')}` }
  t.same(parseLock(lock({ [URL_1]: two }), 'lock').assets[URL_1], two, 'several hashes')
  t.equal(formatLock({ version: 1, assets: { 'https://b.test/': ASSET, [URL_1]: ASSET, 'https://a.test/': ASSET } }).match(/https:[^"]+/g)?.join(), `https://a.test/,https://b.test/,${URL_1}`, 'sorted by address')
})

const refused: Array<[what: string, text: string, message: string | RegExp]> = [
  ['no JSON', '{', 'lock: expected JSON, received a string of length 1'],
  ['nothing', '', 'expected JSON'],
  ['an array', '[]', 'an object'],
  ['null', 'null', 'an object'],
  ['no version', '{"assets":{}}', 'lock.version'],
  ['a version to come', '{"version":2,"assets":{}}', 'lock.version: expected `1`'],
  ['an unknown key', lock({}, { asset: {} }), 'Did you mean `assets`?'],
  ['assets as a list', '{"version":1,"assets":[]}', 'lock.assets'],
  ['an asset without a hash', lock({ [URL_1]: { size: 1, date: '2026-11-25' } }), 'integrity'],
  ['an unknown key of an asset', lock({ [URL_1]: { ...ASSET, sha384: '' } }), 'The names are'],
  ['a hash that browsers skip', lock({ [URL_1]: { ...ASSET, integrity: 'sha1-AAAA' } }), 'sha384-…'],
  ['no hash', lock({ [URL_1]: { ...ASSET, integrity: '' } }), 'sha384-…'],
  ['one good hash and one bad', lock({ [URL_1]: { ...ASSET, integrity: `${ASSET.integrity} sha512-AAAA` } }), 'sha384-…'],
  ['two hashes without a space', lock({ [URL_1]: { ...ASSET, integrity: `${ASSET.integrity},${ASSET.integrity}` } }), 'sha384-…'],
  ['a negative size', lock({ [URL_1]: { ...ASSET, size: -1 } }), 'size'],
  ['a time for a day', lock({ [URL_1]: { ...ASSET, date: 'yesterday' } }), 'a day such as'],
  ['a path', lock({ '/a.js': ASSET }), 'expected https addresses'],
  ['plain http', lock({ 'http://cdn.test/a.js': ASSET }), 'expected https addresses'],
  ['credentials', lock({ 'https://a:b@cdn.test/a.js': ASSET }), 'expected https addresses'],
  ['another spelling', lock({ 'https://CDN.test/a.js': ASSET }), 'Write `https://cdn.test/a.js`.'],
  ['a fragment', lock({ 'https://cdn.test/a.js#a': ASSET }), 'Write `https://cdn.test/a.js`.'],
  ['the prototype', '{"version":1,"assets":{"__proto__":{}}}', /expected/]
]
for (const [what, text, message] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => parseLock(text, 'lock'), { code: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID', message }))
}

t.test('what is written is read again, and any text is a lock file or is refused', async () => {
  const asset = fc.record({
    integrity: fc.tuple(fc.uint8Array(), fc.constantFrom(...ALGORITHMS)).map(([bytes, algorithm]) => integrityOf(bytes, algorithm)),
    size: fc.nat(),
    date: fc.constant('2026-11-25')
  })
  const url = fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }).map((url) => new URL(url).href)
  fc.assert(fc.property(fc.dictionary(url, asset), (assets) => {
    const lock: Lock = { version: 1, assets }
    const text = formatLock(lock)
    return formatLock(parseLock(text, 'lock')) === text
  }))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    try {
      parseLock(text, 'lock')
      return true
    } catch (error) {
      return (error as { code: string }).code === 'BULWARK_ERR_INTEGRITY_LOCK_INVALID'
    }
  }))
})
