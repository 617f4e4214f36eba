import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import { f, input } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (): Promise<FastifyInstance> {
  // #region plain
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
  await app.register(swagger, { openapi: { info: { title: 'Notes', version: '1.0.0' } } })
  await app.register(input)

  app.put('/notes/:id', {
    schema: {
      params: Type.Object({ id: f.integer({ min: 1 }) }),
      querystring: Type.Object({ notify: f.checkbox() }),
      body: Type.Object({ title: f.text({ max: 100 }), text: f.text({ multiline: true, max: 10_000 }) })
    }
  }, async (request) => ({ id: request.params.id, notify: request.query.notify, title: request.body.title }))
  // #endregion plain
  return app as unknown as FastifyInstance
}
