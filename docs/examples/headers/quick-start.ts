import Fastify from 'fastify'
import { headers } from 'fastify-bulwark/headers'

const app = Fastify({ logger: true })
await app.register(headers)

app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html>
<title>Nonce</title>
<p id="a">The script with the nonce did not run.</p> <p id="b">The script without it did not run.</p>
<script nonce="${request.cspNonce}">a.textContent = 'The script with the nonce ran.'</script>
<script>b.textContent = 'The script without it ran.'</script>`))

app.get('/api/time', () => ({ now: Date.now() }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
