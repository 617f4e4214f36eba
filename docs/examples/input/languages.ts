import Fastify, { type FastifyInstance } from 'fastify'
import { f, german, input, type MessageKey } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  // #region languages
  await app.register(input, {
    translate: (key, params, request) => request.headers['accept-language']?.startsWith('de') === true
      ? german[key as MessageKey]?.(params)
      : undefined
  })
  // #endregion languages
  app.post('/', { schema: { body: Type.Object({ name: f.text() }) } }, async () => 'ok')
  return app
}
