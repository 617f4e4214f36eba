import t from 'tap'
import { revocationChecks } from '../../../../lib/session/conformance/revocation.ts'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'

// That each check fails for a store with a defect is in test/lib/session/conformance.test.ts.

t.test('every check has a title of its own, and a good store passes it', async (t) => {
  t.equal(new Set(revocationChecks.map(([title]) => title)).size, revocationChecks.length)
  for (const [title, check] of revocationChecks) await t.test(title, () => check(memoryStore()))
})
