import view from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  // #region view
  await app.register(headers)
  await app.register(integrity, { roots: [{ root: 'docs/examples/integrity/public', prefix: '/public/' }] })
  await app.register(view, { engine: { eta: new Eta() }, root: 'docs/examples/integrity/views' })

  app.get('/', (_request, reply) => reply.view('page.eta', { title: 'In a template' }))
  // #endregion view
  return app
}
