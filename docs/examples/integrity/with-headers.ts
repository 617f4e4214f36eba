import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'

const root = resolve('docs/examples/integrity/public')

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(fastifyStatic, { root, prefix: '/public/' })

  // #region nonce
  await app.register(headers)
  await app.register(integrity, { roots: [{ root, prefix: '/public/' }] })

  app.get('/', (request, reply) => {
    const tags = app.integrity.for(request)
    reply.type('text/html').send(`<!doctype html>
      <title>With a nonce</title>
      ${tags.stylesheetTag('/public/page.css')}
      ${tags.scriptTag('/public/app.js', { defer: true })}`)
  })
  app.get('/shared', (_request, reply) => reply
    .header('cache-control', 'public, max-age=3600')
    .type('text/html')
    .send(`<!doctype html><title>For everybody</title>${app.integrity.scriptTag('/public/app.js', { defer: true })}`))
  // #endregion nonce

  return app
}
