import { setImmediate } from 'node:timers/promises'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { inBatches, sizeOf } from '../../../lib/files/batches.ts'

async function * chunks (lengths: readonly number[]): AsyncGenerator<Buffer> {
  for (const length of lengths) yield Buffer.alloc(length, length)
}

async function batchesOf (lengths: readonly number[], limit = Infinity): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of inBatches(chunks(lengths), limit)) batches.push(batch.map(({ length }) => length))
  return batches
}

const large = 131_072
const cases: ReadonlyArray<readonly [what: string, lengths: number[], limit: number, expected: number[][]]> = [
  ['nothing is no batch', [], 1, []],
  ['what is little comes at the end', [1, 2, 3], 6, [[1, 2, 3]]],
  ['256 KiB make a batch', [large, large - 1, 1, 5], 1e6, [[large, large - 1, 1], [5]]],
  ['over the limit, every chunk comes at once', [1, 2, 3, 4], 3, [[1, 2, 3], [4]]],
  ['64 chunks make a batch, however small they are', Array(130).fill(1), 1e6, [Array(64).fill(1), Array(64).fill(1), [1, 1]]]
]

for (const [what, lengths, limit, expected] of cases) t.test(what, async (t) => t.same(await batchesOf(lengths, limit), expected))

t.test('nothing is lost, nothing comes twice, and nothing is held beyond the limit', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(200_000), { maxLength: 100 }), fc.nat(2_000_000), async (lengths, limit) => {
    const batches = await batchesOf(lengths, limit)
    const isWhole = batches.flat().join() === lengths.join()
    return isWhole && batches.every((batch) => batch.length <= 64 && batch.slice(0, -1).reduce((sum, length) => sum + length, 0) < 262_144)
  }), { numRuns: 50 })
})

t.test('a chunk over the limit is not waited behind', async (t) => {
  const stream = new Readable({ read () {} })
  const batches = inBatches(stream, 3)
  const first = batches.next()
  stream.push('ab')
  await setImmediate()
  stream.push('cd')
  t.equal((await first).value!.toString(), 'ab,cd')
  await batches.return(undefined)
  t.ok(stream.destroyed, 'who looks no longer ends the stream')
})

t.test('an error of the stream is that of the batches', async (t) => {
  const stream = new Readable({ read () {} })
  const next = inBatches(stream, 3).next()
  stream.push('a')
  stream.destroy(new Error('gone'))
  await t.rejects(next, { message: 'gone' })
})

t.equal(sizeOf([]), 0)
t.equal(sizeOf([Buffer.from('ab'), Buffer.from('c')]), 3)
