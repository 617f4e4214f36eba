import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import { integrity } from 'fastify-bulwark/integrity'

const app = Fastify({ logger: true })
const root = resolve('docs/examples/integrity/public')
await app.register(fastifyStatic, { root, prefix: '/public/' })
await app.register(integrity, { roots: [{ root, prefix: '/public/' }] })

app.get('/', (_request, reply) => reply.type('text/html').send(`<!doctype html>
<title>Integrity</title>
${app.integrity.stylesheetTag('/public/page.css')}
<body>${app.integrity.scriptTag('/public/app.js')}`))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
