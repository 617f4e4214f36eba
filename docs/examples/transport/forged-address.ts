import Fastify, { type FastifyInstance } from 'fastify'

export async function build (): Promise<FastifyInstance> {
  // #region forged
  const app = Fastify({ trustProxy: '10.0.0.0/8' })

  app.get('/wrong', (request) => {
    // The first entry is what the client wrote: it gets past every limit and every list of addresses.
    const [address] = String(request.headers['x-forwarded-for'] ?? request.ip).split(',')
    return { address }
  })

  app.get('/right', (request) => ({ address: request.ip }))
  // #endregion forged
  return app
}
