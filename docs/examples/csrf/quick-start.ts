import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

const port = Number(process.env['PORT'] ?? 3000)
const app = Fastify({ logger: true })
await app.register(csrf, {
  origin: process.env['ORIGIN'] ?? `http://localhost:${port}`,
  keys: [process.env['CSRF_KEY'] ?? generateKey()]
})
await app.register(formbody)

app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html>
  <title>Guest book</title>
  <form method="post" action="/entries">${request.csrfField()}<input name="text"><button>Sign</button></form>`))
const Entry = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } }
app.post('/entries', { schema: { body: Entry } }, (request) => request.body)

await app.listen({ port })
