import t from 'tap'
import { progressBar } from '../../../lib/cli/progress.ts'

function shown (isTTY: boolean, total: number): string[] {
  const written: string[] = []
  const onProgress = progressBar({ isTTY, write: (text) => written.push(text) })
  for (let done = 1; done <= total; done++) onProgress(done, total)
  return written
}

t.test('a long list on a terminal has a bar, which is gone at the end', async (t) => {
  const written = shown(true, 6)
  t.equal(written.length, 6)
  t.equal(written[2], `\r\x1b[K[${'#'.repeat(15)}${' '.repeat(15)}] 3/6`)
  t.equal(written.at(-1), '\r\x1b[K')
})

t.test('a short list has none, and no list has one in a pipe', async (t) => {
  t.same(shown(true, 4), [])
  t.same(shown(false, 100), [])
})
