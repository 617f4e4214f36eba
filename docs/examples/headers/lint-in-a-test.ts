import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lintPolicy } from 'fastify-bulwark/headers'
import { build } from './cdn-host.ts'

test('the home page has a policy without weaknesses', async () => {
  const app = await build()
  const { headers } = await app.inject('/')
  assert.deepEqual(lintPolicy(String(headers['content-security-policy'])), [])
})
