import Fastify from 'fastify'
import { generateKey, requireLogin, session } from 'fastify-bulwark/session'

const app = Fastify({ logger: true })
await app.register(session, { keys: [process.env['SESSION_KEY'] ?? generateKey()] })

app.post('/login', async (request) => { await request.session.login('42', { label: 'Firefox on Linux' }); return { ok: true } })
app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
app.post('/logout', async (request) => { await request.session.logout(); return { ok: true } })

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
