import t from 'tap'
import { ByteReader, Malformed } from '../../../lib/files/byte-reader.ts'

t.test('what is read is what is there, across the window', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))
  let loads = 0
  const reader = new ByteReader(bytes.length, async (offset, length) => {
    loads++
    return bytes.subarray(offset, offset + length)
  })
  for (const [offset, length] of [[0, 10], [5, 100], [65_530, 10], [65_540, 70_000], [199_999, 1], [0, 1]] as const) t.same(await reader.read(offset, length), bytes.subarray(offset, offset + length))
  t.equal(loads, 5, 'the second one was there already')
  const pieces: Buffer[] = []
  for await (const piece of reader.pieces(7)) pieces.push(Buffer.from(piece))
  t.same(Buffer.concat(pieces), bytes.subarray(7))
})

for (const [what, offset, length] of [['behind the end', 10, 1], ['over the end', 5, 6], ['before the start', -1, 1]] as const) {
  t.test(`${what} is malformed`, (t) => t.rejects(ByteReader.of(Buffer.alloc(10)).read(offset, length), Malformed))
}

t.test('there is an end to the steps', async (t) => {
  const reader = ByteReader.of(Buffer.alloc(10))
  const walk = async () => { for (;;) await reader.read(0, 1) }
  await t.rejects(walk(), { message: 'too many parts' })
})
