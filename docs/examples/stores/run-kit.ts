import { test } from 'node:test'
import { testSessionStore } from 'fastify-bulwark/session/conformance'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import { measured } from './own-store.ts'

const cases = testSessionStore({
  name: 'measured',
  create: () => measured(memoryStore(), () => {})
})
for (const { title, run } of cases) test(title, run)
