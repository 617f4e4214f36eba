import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey, type CsrfEvent } from 'fastify-bulwark/csrf'

export async function build (record: (event: CsrfEvent) => void): Promise<FastifyInstance> {
  const app = Fastify()

  // #region report
  await app.register(csrf, {
    origin: 'https://app.test',
    keys: [generateKey()],
    mode: 'report',
    onEvent: (event) => record(event)
  })
  // #endregion report

  app.post('/', () => 'done')
  return app
}
