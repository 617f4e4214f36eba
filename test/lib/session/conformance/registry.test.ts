import t from 'tap'
import { registryChecks } from '../../../../lib/session/conformance/registry.ts'
import { memoryStore } from '../../../../lib/session/stores/memory.ts'

// That each check fails for a store with a defect is in test/lib/session/conformance.test.ts.

t.test('every check has a title of its own, and a good store passes it', async (t) => {
  t.equal(new Set(registryChecks.map(([title]) => title)).size, registryChecks.length)
  for (const [title, check] of registryChecks) await t.test(title, () => check(memoryStore()))
})
