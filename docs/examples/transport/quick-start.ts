import Fastify from 'fastify'
import { transport } from 'fastify-bulwark/transport'

const app = Fastify({ logger: true, trustProxy: '10.0.0.0/8' }) // the addresses of your proxies
await app.register(transport, { hosts: ['app.example', '*.app.example'] })

app.get('/', (request) => ({ host: request.host, protocol: request.protocol }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
