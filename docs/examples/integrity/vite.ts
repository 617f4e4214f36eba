import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)

  // #region vite
  const folder = 'docs/examples/integrity/build'
  await app.register(integrity, {
    roots: [{ root: folder, prefix: '/' }],
    vite: { manifest: `${folder}/.vite/manifest.json`, base: '/' }
  })

  app.get('/', (request, reply) => {
    const tags = app.integrity.for(request)
    reply.type('text/html').send(`<!doctype html>
      <title>Vite</title>
      ${tags.importMapTag({ entries: ['src/main.ts'] })}
      ${tags.entry('src/main.ts')}`)
  })
  // #endregion vite

  return app
}
