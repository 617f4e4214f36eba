import { randomBytes } from 'node:crypto'

// What it costs to ask memoryStore whether a session has ended, with few and with many that have.

const HOUR = 3_600_000
const newSid = () => randomBytes(16).toString('base64url')

async function storeWith (revoked, { memoryStore }) {
  const store = memoryStore()
  for (let index = 0; index < revoked; index++) await store.revoke(newSid(), Date.now() + HOUR)
  return store
}

const row = (name, revoked) => ({
  name,
  base: 'bare',
  request: { path: '/', headers: { accept: 'application/json' } },
  plugin: revoked === undefined ? undefined : 'fastify-bulwark/session/stores/memory',
  async setup (app, plugin) {
    const query = { sid: newSid(), userId: '42', issuedAt: Date.now() + HOUR }
    const store = plugin && await storeWith(revoked, plugin)
    app.get('/', async () => ({ isRevoked: store ? await store.isRevoked(query) : false }))
  }
})

export const rows = [row('bare'), row('no-revoked', 0), row('10000-revoked', 10_000)]

export const goals = [
  { name: '10,000 revoked ids: at most 3 % over none', row: '10000-revoked', over: 'no-revoked', least: 1 / 1.03 }
]
