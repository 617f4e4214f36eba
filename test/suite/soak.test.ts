import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Soak } from './soak-process.ts'

// 30,000 requests of all kinds against everything together, in a process of its own. What the kinds are: soak-visitor.ts.

t.setTimeout(240_000)

/** Bytes that the heap may grow by with each request once it has come to rest. Answers of the store that are still being collected take about 100. */
const MOST_GROWTH = 250
/** Batches after which everything has been compiled, and after which sessions and devices end as fast as others begin. */
const WARM_UP = 5

/** What each kind of request has to end with at least once, so that it does what it is there for. */
const SEEN: Readonly<Record<string, readonly number[]>> = {
  home: [200],
  login: [303],
  wrongPassword: [422],
  logout: [303],
  account: [200, 302],
  wake: [200, 302],
  thief: [302],
  devices: [200, 401],
  secret: [200, 401],
  order: [200],
  wrongOrder: [400, 422],
  transfer: [200, 403],
  wrongTransfer: [403, 422],
  upload: [200],
  wrongUpload: [400, 413, 422],
  download: [200, 404],
  redirect: [302],
  wrongRedirect: [302, 400],
  crossSite: [403],
  oddCookie: [200, 302],
  oddHeader: [200, 308, 400, 403, 404, 421],
  oddBody: [400, 404, 415, 422],
  oddMethod: [200, 404]
}

t.test('30,000 mixed requests leave nothing behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-soak-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  // Without what measures coverage: it is the program that is soaked, and not its instruments.
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL('soak-process.js', import.meta.url)), folder], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  const [exitCode] = await once(child, 'close') as [number | null]
  t.equal(exitCode, 0, 'the process ended by itself')
  const { statuses, heap, files, left, requests, log, faults, handlesBefore, handlesAfter } = JSON.parse(text) as Soak

  t.ok(requests >= 30_000, `${requests} requests`)
  for (const [action, wanted] of Object.entries(SEEN)) t.same(wanted.filter((status) => statuses[action]?.[status] === undefined), [], `${action}: ${JSON.stringify(statuses[action])}`)
  t.same(Object.entries(statuses).filter(([, outcomes]) => Object.keys(outcomes).some((outcome) => Number(outcome) >= 500)), [], 'no status of 500 or more')
  t.same(faults, [], 'no rejection that nobody handles, and no warning')
  t.same(log.errors.filter((line) => !line.includes('BULWARK_ERR_REDIRECT_UNSAFE')), [], 'no error in the log but those of the handler that redirects without a look')

  const rested = heap.slice(WARM_UP - 1)
  const growth = (rested.at(-1)! - rested[0]!) / (requests * (rested.length - 1) / heap.length)
  t.ok(growth < MOST_GROWTH, `the heap grew by ${growth.toFixed(0)} bytes a request: ${heap.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')} MB`)

  t.same(files, [], 'no upload outlived its request')
  t.same(left, [], 'and the folder for them is gone')
  t.same(handlesAfter.filter((handle) => !handlesBefore.includes(handle) && handle !== 'PipeWrap'), [], 'nothing is open')
})
