import { Buffer } from 'node:buffer'
import t from 'tap'
import { FORM_TYPE, parseForm } from '../../../lib/input/form-parser.ts'

t.test('a form on the wire', async (t) => {
  const read = (text: string): object => ({ ...parseForm(Buffer.from(text), 3) })
  t.same(read('a=1&b=x+y&c=%C3%A9'), { a: '1', b: 'x y', c: '\u00e9' })
  t.same(read('a=1&a=2'), { a: ['1', '2'] })
  t.same(read('a=%2541'), { a: '%41' }, 'ASVS 1.1.1: what was encoded twice is decoded once')
  t.same(read(''), {})
  t.same(read('a&b='), { a: '', b: '' })
  t.equal(parseForm(Buffer.from('a=%FF'), 3)['a'], '\ufffd', 'for the limits to find')
  t.equal(Object.keys(parseForm(Buffer.from('a=1&b=1&c=1&d=1&e=1'), 3)).length, 4, 'one more than there may be')
  t.equal(Object.getPrototypeOf(parseForm(Buffer.from('__proto__=1'), 3)), null)
  t.throws(() => parseForm(Buffer.from([97, 61, 255]), 3), { code: 'BULWARK_ERR_INPUT_BODY_REFUSED', statusCode: 400 })
  t.match('application/x-www-form-urlencoded; charset=utf-8', FORM_TYPE)
  t.notMatch('application/x-www-form-urlencodedx', FORM_TYPE)
})
