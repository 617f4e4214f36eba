import { hash, verify } from '@node-rs/argon2'
import Fastify from 'fastify'
import { bulwark, generateKey } from 'fastify-bulwark'
import { secureServerOptions } from 'fastify-bulwark/headers'
import { f, html } from 'fastify-bulwark/input'
import { requireLogin } from 'fastify-bulwark/session'
import { Type } from 'typebox'

const port = Number(process.env['PORT'] ?? 3000)
const stored = await hash(process.env['PASSWORD'] ?? generateKey())
const app = Fastify({ logger: true, ...secureServerOptions() })
await app.register(bulwark, {
  origin: process.env['ORIGIN'] ?? `http://localhost:${port}`,
  keys: [process.env['KEY'] ?? generateKey()],
  session: { loginPath: '/login' }
})

app.get('/', { preHandler: requireLogin }, (request, reply) => reply.type('text/html').send(`<!doctype html>
<title>Home</title>
<p id="greeting"></p>
<script nonce="${request.cspNonce}">greeting.textContent = 'Hello'</script>`))

app.route({
  method: ['GET', 'POST'],
  url: '/login',
  config: { security: { redirect: { field: 'next', in: ['query'] } } },
  schema: { body: Type.Object({ password: f.secret() }) },
  form: {
    check: { password: async (password) => await verify(stored, password) ? undefined : 'This is not the password.' },
    render: (request, _reply, form) => html`<!doctype html>
<title>Log in</title>
<form method="post">
  <input type="hidden" name="_csrf" value="${request.csrfToken()}">
  <input ${form.field('password').attributes}> ${form.field('password').errors}
  <button>Log in</button>
</form>`
  }
}, async (request, reply) => {
  await request.session.login('owner')
  return reply.safeRedirect(request.redirectTarget)
})

await app.listen({ port })
