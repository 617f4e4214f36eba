import Fastify, { type FastifyInstance } from 'fastify'
import { applySecurityHeaders, headers } from 'fastify-bulwark/headers'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(headers)

  // #region events
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('content-type', 'text/event-stream')
    applySecurityHeaders(reply)
    reply.raw.writeHead(200)
    reply.raw.write('data: hello\n\n')
    const timer = setInterval(() => reply.raw.write(`data: ${Date.now()}\n\n`), 1000)
    reply.raw.on('close', () => clearInterval(timer))
  })
  // #endregion events

  return app
}
