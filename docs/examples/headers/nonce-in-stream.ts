import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)

  // #region stream
  app.get('/', (request, reply) => {
    const nonce = request.cspNonce // read here, before the stream starts
    async function * page (): AsyncGenerator<string> {
      yield '<!doctype html><title>Stream</title>'
      yield `<script nonce="${nonce}">console.log('ran')</script>`
    }
    reply.type('text/html').send(Readable.from(page()))
  })
  // #endregion stream

  return app
}
