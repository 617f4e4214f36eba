import Fastify, { type FastifyInstance } from 'fastify'
import { bulwark } from 'fastify-bulwark'

export async function build (keys: readonly string[]): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: '10.0.0.0/8' })
  // #region scopes
  await app.register(async (site) => {
    await site.register(bulwark, { keys, origin: 'https://app.example' })
    site.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
  })
  await app.register(async (api) => {
    // Programs call it with a token in Authorization: no session, no forms, no pages.
    await api.register(bulwark, { origin: 'https://api.example', session: false, csrf: false, redirect: false })
    api.get('/api', () => ({}))
  })
  // #endregion scopes
  return app
}
