import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

// What @fastify/csrf-protection itself makes its tokens with.
const Tokens = createRequire(import.meta.resolve('@fastify/csrf-protection'))('@fastify/csrf')

// Requests are the same for all rows of a group, and so are made here: a token of ours and one of @fastify/csrf-protection, each with its cookie.
const KEY = 'c2a1f0573fd9be66a0134c0d9c7be1d5f7440a3b9b2e8d16e7752bd1f8c90a44'
const derive = purpose => Buffer.from(hkdfSync('sha256', Buffer.from(KEY, 'hex'), '', `fastify-bulwark/1/csrf:${purpose}`, 32))
const mac = (key, ...parts) => {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(`${part.length}:${part}`)
  return hmac.digest()
}
const id = randomBytes(16).toString('base64url')
const pad = randomBytes(32)
const token = Buffer.concat([pad, mac(derive('token'), 'cookie', id).map((byte, index) => byte ^ pad[index])]).toString('base64url')
const cookie = `__Host-csrf-${id.slice(0, 6)}=${id}.${mac(derive('cookie'), id).toString('base64url')}`

const tokens = new Tokens()
const secret = tokens.secretSync()

const post = headers => ({ path: '/', method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"amount":1}' })
const withTokens = post({ cookie: `_csrf=${secret}; ${cookie}`, 'x-csrf-token': token, 'csrf-token': tokens.create(secret) })

const bare = app => app.post('/', async request => ({ amount: request.body.amount }))

async function ours (app, plugin, config) {
  await app.register(plugin.default, { origin: 'https://app.test', keys: [KEY] })
  app.post('/', { config: { security: config } }, async request => ({ amount: request.body.amount }))
  app.get('/', async () => ({ amount: 1 }))
}

async function theirs (app, plugin) {
  await app.register((await import('@fastify/cookie')).default)
  await app.register(plugin.default)
  app.post('/', { preHandler: app.csrfProtection }, async request => ({ amount: request.body.amount }))
}

const OURS = 'fastify-bulwark/csrf'
const kinds = [
  { name: 'site', request: post({ 'sec-fetch-site': 'same-origin', origin: 'https://app.test' }) },
  { name: 'origin', request: post({ origin: 'https://app.test' }) },
  { name: 'get', request: { path: '/', headers: { 'sec-fetch-site': 'none' } } }
]

export const rows = [
  ...kinds.flatMap(({ name, request }) => [
    { name: `${name}/bare`, base: `${name}/bare`, request, setup (app) { bare(app); app.get('/', async () => ({ amount: 1 })) } },
    { name: `${name}/ours`, base: `${name}/bare`, request, plugin: OURS, setup: (app, plugin) => ours(app, plugin, {}) }
  ]),
  { name: 'token/bare', base: 'token/bare', request: withTokens, setup: bare },
  { name: 'token/ours', base: 'token/bare', request: withTokens, plugin: OURS, setup: (app, plugin) => ours(app, plugin, { csrf: 'token' }) },
  { name: 'token/csrf-protection', base: 'token/bare', request: withTokens, plugin: '@fastify/csrf-protection', setup: theirs }
]

export const goals = [
  { name: 'POST decided by headers: ours to bare', row: 'site/ours', least: 0.93 },
  { name: 'POST decided by headers: ours to csrf-protection', row: 'site/ours', over: 'token/csrf-protection', least: 1.2 },
  { name: 'token: ours to bare', row: 'token/ours', least: 0.6 }
]
