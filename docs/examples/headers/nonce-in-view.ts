import view from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  // #region view
  await app.register(headers)
  await app.register(view, { engine: { eta: new Eta() }, root: 'docs/examples/headers/views' })

  app.get('/with', (_request, reply) => reply.view('page.eta', { title: 'With a script', withScript: true }))
  app.get('/without', (_request, reply) => reply.view('page.eta', { title: 'Without', withScript: false }))
  // #endregion view
  return app
}
