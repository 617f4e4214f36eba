import t from 'tap'
import { rememberChecks } from '../../../../lib/session/conformance/remember.ts'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'

// That each check fails for a store with a defect is in test/lib/session/conformance.test.ts.

t.test('every check has a title of its own, and a good store passes it', async (t) => {
  t.equal(new Set(rememberChecks.map(([title]) => title)).size, rememberChecks.length)
  for (const [title, check] of rememberChecks) await t.test(title, () => check(memoryStore()))
})
