import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { boundaryOf, findFirstPart, readFirstPart } from '../../../lib/csrf/first-part.ts'
import { kTornBody } from '../../../lib/torn-body.ts'

const boundaries: Array<[contentType: string | undefined, boundary: string | undefined]> = [
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data;boundary="a b;c"', 'a b;c'],
  ['Multipart/Form-Data; charset=utf-8; Boundary=abc; x=y', 'abc'],
  [`multipart/form-data; boundary=${'a'.repeat(70)}`, 'a'.repeat(70)],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
  ['multipart/form-data; boundary="', undefined],
  ['multipart/mixed; boundary=abc', undefined],
  ['multipart/form-database; boundary', undefined],
  ['application/json; boundary=abc', undefined],
  ['', undefined],
  [undefined, undefined]
]
for (const [contentType, boundary] of boundaries) {
  t.test(`the boundary of ${String(contentType).slice(0, 60)}`, async (t) => t.equal(boundaryOf(contentType), boundary))
}
t.test('a long Content-Type is looked through once', async (t) => {
  t.equal(boundaryOf(`multipart/form-data${'; '.repeat(8000)}`), undefined)
  t.equal(boundaryOf(`multipart/form-data${';boundary'.repeat(1500)}`), undefined)
})

const part = (headers: string, value: string): string => `--b\r\n${headers}\r\n\r\n${value}\r\n`
const field = (value: string): string => part('Content-Disposition: form-data; name="_csrf"', value)
const REST = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'

const found: Array<[what: string, body: string, value: string]> = [
  ['as browsers write it', field('token') + REST, 'token'],
  ['an odd length', field('token1') + REST, 'token1'],
  ['an empty value', field('') + REST, ''],
  ['nothing behind it', `${field('token')}--b--`, 'token'],
  ['a name without quotes', part('Content-Disposition: form-data; name=_csrf', 'token') + REST, 'token'],
  ['other headers, in other cases', part('X-A: b\r\ncontent-DISPOSITION:form-data;  name="_csrf"\r\nContent-Type: text/plain', 'token') + REST, 'token'],
  ['a value over several lines', field('a\r\n--c\r\nb') + REST, 'a\r\n--c\r\nb']
]
for (const [what, body, value] of found) {
  t.test(`the field is found and overwritten: ${what}`, async (t) => {
    const result = findFirstPart(Buffer.from(body), 'b', '_csrf')
    t.equal(result?.value, value)
    t.equal(result?.head.length, body.length)
    const next = body.indexOf('\r\n--b', 4) + 2
    t.equal(result?.head.toString('latin1', next), body.slice(next))
    t.match(result?.head.toString('latin1', 0, next), /^\n?(?:\r\n)+$/)
  })
}

const absent: Array<[what: string, body: string]> = [
  ['another field first', REST + field('token')],
  ['a file of that name', part('Content-Disposition: form-data; name="_csrf"; filename="a"', 'token') + REST],
  ['a file of that name, in other words', part('Content-Disposition: form-data; name="_csrf"; filename*=UTF-8\'\'a', 'token') + REST],
  ['a name that begins like it', part('Content-Disposition: form-data; name="_csrf2"', 'token') + REST],
  ['no disposition', part('Content-Type: text/plain', 'token') + REST],
  ['another disposition', part('Content-Disposition: attachment; name="_csrf"', 'token') + REST],
  ['no part', '--b--\r\n'],
  ['another boundary', '--c\r\n'],
  ['something before the first boundary', `preamble\r\n${field('token')}`],
  ['a value longer than is looked at', field('x'.repeat(2000)) + REST],
  ['headers longer than are looked at', part(`X: ${'x'.repeat(2000)}`, 'token')],
  ['no headers', '--b\r\n\r\nvalue\r\n--b--']
]
for (const [what, body] of absent) {
  t.test(`there is no field: ${what}`, async (t) => {
    const head = Buffer.from(body)
    t.same(findFirstPart(head, 'b', '_csrf'), { value: undefined, head })
  })
}

t.test('with less than needed, more is asked for', async (t) => {
  const body = field('token') + REST
  const enough = body.indexOf('\r\n--b', 4) + 5
  for (let length = 0; length < enough; length++) t.equal(findFirstPart(Buffer.from(body.slice(0, length)), 'b', '_csrf'), undefined, String(length))
  t.equal(findFirstPart(Buffer.from(body.slice(0, enough)), 'b', '_csrf')?.value, 'token')
})

t.test('what is odd is no exception, and what is found was there', async () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('--b', '\r\n', '--b\r\n', 'Content-Disposition: form-data; name="_csrf"', '\r\n\r\n', '--'))
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const body = Buffer.from(pieces.join(''))
    const result = findFirstPart(body, 'b', '_csrf')
    return result === undefined || (result.head.length === body.length && (result.value === undefined || body.toString('latin1').includes(result.value)))
  }))
})

/** What is told of a stream, and what is left in it. */
async function read (stream: Readable): Promise<{ value: string | undefined, rest: string }> {
  const value = await new Promise<string | undefined>((resolve) => readFirstPart(stream, 'b', '_csrf', resolve))
  let rest = ''
  if (!stream.destroyed) for await (const chunk of stream) rest += String(chunk)
  return { value, rest: rest.trimStart() }
}

t.test('a stream is read as far as needed, however it is cut, and the rest is left', async (t) => {
  const body = field('token') + REST
  for (let size = 1; size < body.length; size += size < 10 ? 1 : 17) {
    const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, index) => Buffer.from(body.slice(index * size, (index + 1) * size)))
    t.same(await read(Readable.from(chunks, { objectMode: false })), { value: 'token', rest: REST }, `chunks of ${size}`)
  }
  t.same(await read(Readable.from([Buffer.from(REST)], { objectMode: false })), { value: undefined, rest: REST }, 'without the field nothing is missing')
  const large = field('token') + part('Content-Disposition: form-data; name="a"', 'x'.repeat(300_000))
  t.equal((await read(Readable.from([Buffer.from(large)], { objectMode: false }))).rest.length, large.length - field('token').length)
})

t.test('a stream of texts', async (t) => {
  t.same(await read(Readable.from([field('token'), REST], { objectMode: false, encoding: 'latin1' })), { value: 'token', rest: REST })
})

t.test('a stream that ends, breaks off, fails or is over has no field, and is told once', async (t) => {
  const count = async (use: (stream: PassThrough) => void | Promise<void>): Promise<number> => {
    let told = 0
    const stream = new PassThrough()
    stream.on('error', () => {})
    await use(stream)
    readFirstPart(stream, 'b', '_csrf', (value) => {
      told++
      t.equal(value, undefined)
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    return told
  }
  t.equal(await count((stream) => { stream.end() }), 1, 'empty')
  t.equal(await count((stream) => { stream.end('--b\r\nConte') }), 1, 'cut off')
  t.equal(await count((stream) => { setTimeout(() => stream.destroy(), 5) }), 1, 'broken off')
  t.equal(await count((stream) => { setTimeout(() => stream.destroy(new Error('failed')), 5) }), 1, 'failed')
  t.equal(await count((stream) => { stream.destroy() }), 1, 'destroyed before')
  t.equal(await count(async (stream) => {
    stream.resume().end()
    await new Promise((resolve) => stream.on('end', resolve))
  }), 1, 'ended before')
})

t.test('a stream that ends within the first part is marked as torn, and no other one', async (t) => {
  const isTorn = async (chunks: string[]): Promise<boolean> => {
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)), { objectMode: false })
    await read(stream)
    return kTornBody in stream
  }
  for (const body of ['', '-', '--b\r\nConte', '--b\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\ntok']) {
    t.equal(await isTorn([body]), true, JSON.stringify(body))
    t.equal(await isTorn([...body]), true, 'byte by byte')
  }
  for (const body of [field('token') + REST, REST, '--b--\r\n', 'no parts at all']) t.equal(await isTorn([body]), false, JSON.stringify(body.slice(0, 20)))
})
