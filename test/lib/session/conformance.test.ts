import t from 'tap'
import { testSessionStore } from '../../../lib/session/conformance.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'

for (const { title, run } of testSessionStore({ name: 'memory', create: () => memoryStore() })) t.test(title, run)
