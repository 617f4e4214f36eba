import Fastify, { type FastifyInstance } from 'fastify'
import { applySession, generateKey, session } from 'fastify-bulwark/session'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(session, { keys: [generateKey()] })
  app.post('/login', async (request) => { await request.session.login('42'); return { ok: true } })
  app.post('/logout', async (request) => { await request.session.logout(); return { ok: true } })

  // #region raw
  app.get('/ticks', async (request, reply) => {
    request.session.flash('notice', 'The stream was opened.')
    reply.hijack()
    applySession(reply) // before the headers leave
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(async () => {
      if (await request.session.verify()) reply.raw.write('data: tick\n\n')
      else reply.raw.end()
    }, 50)
    reply.raw.on('close', () => clearInterval(timer))
  })
  // #endregion raw

  return app
}
