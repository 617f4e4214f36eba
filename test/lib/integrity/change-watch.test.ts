import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watchChanges } from '../../../lib/integrity/change-watch.ts'
import { AssetManifest } from '../../../lib/integrity/manifest.ts'
import { folderWith } from './folder.ts'

function make (t: Test): { manifest: AssetManifest, alter: (name: string) => void } {
  const folder = folderWith(t, { 'a.js': 'a', 'b.js': 'b' })
  return { manifest: new AssetManifest([{ folder, prefix: '/' }], { extensions: ['.js'], maxFileSize: 100, maxFiles: 100 }), alter: (name) => writeFileSync(join(folder, name), 'altered') }
}

t.test('each change is told of once, until it is ended', async (t) => {
  const { manifest, alter } = make(t)
  const told: string[] = []
  let wake = (): void => {}
  const next = (): Promise<void> => new Promise((resolve) => { wake = resolve })
  const stop = watchChanges(manifest, 0.01, ({ url }) => {
    told.push(url)
    wake()
  })
  let changed = next()
  alter('a.js')
  // The watch keeps no process alive; the test does.
  const alive = setInterval(() => {}, 1000)
  await changed
  changed = next()
  alter('b.js')
  await changed
  clearInterval(alive)
  stop()
  t.same(told, ['/a.js', '/b.js'])
})

t.test('once it is ended it looks no more, and tells nothing of the look that is under way', async (t) => {
  const { manifest } = make(t)
  let looks = 0
  let ended = (): void => {}
  const isOver = new Promise<void>((resolve) => { ended = resolve })
  const slow = {
    changes: async () => {
      looks++
      stop()
      setImmediate(ended)
      return manifest.assets
    }
  } as unknown as AssetManifest
  const stop = watchChanges(slow, 0.001, () => t.fail('told'))
  const alive = setInterval(() => {}, 1000)
  await isOver
  await new Promise((resolve) => setTimeout(resolve, 30))
  clearInterval(alive)
  t.equal(looks, 1)
})

t.test('with an interval of 0 it looks never', async (t) => {
  watchChanges({ changes: () => { throw new Error('It looked.') } } as unknown as AssetManifest, 0, () => {})()
  t.pass()
})
