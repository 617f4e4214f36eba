import { Readable } from 'node:stream'
import t from 'tap'
import { boundedText, MOST_BYTES } from '../../../lib/cli/bounded-text.ts'

t.test('all of a stream, also where a character lies across two pieces', async (t) => {
  const bytes = Buffer.from('a ü b')
  t.equal(await boundedText(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)])), 'a ü b')
  t.equal(await boundedText(Readable.from(['text'])), 'text')
  t.equal(await boundedText(Readable.from([])), '')
})

t.test('a stream without an end is not read to it', async (t) => {
  let chunks = 0
  async function * endless (): AsyncGenerator<Buffer> {
    for (;;) {
      chunks++
      yield Buffer.alloc(65_536)
    }
  }
  await t.rejects(boundedText(endless()), { name: 'CommandError', message: 'The input is longer than a megabyte.' })
  t.equal(chunks, MOST_BYTES / 65_536 + 1)
})
