import t from 'tap'
import { parallelChecks } from '../../../../lib/session/conformance/parallel.ts'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'

// That each check fails for a store with a defect is in test/lib/session/conformance.test.ts.

t.test('every check has a title of its own, and a good store passes it', async (t) => {
  t.equal(new Set(parallelChecks.map(([title]) => title)).size, parallelChecks.length)
  for (const [title, check] of parallelChecks) await t.test(title, () => check(memoryStore()))
})
