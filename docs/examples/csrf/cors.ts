import cors from '@fastify/cors'
import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region cors
  const trustedOrigins = ['https://admin.app.test']
  await app.register(cors, { origin: trustedOrigins, credentials: true })
  await app.register(csrf, { origin: 'https://app.test', trustedOrigins, keys: [generateKey()] })
  // #endregion cors

  app.post('/', () => 'done')
  return app
}
