import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region form
  function form (request: FastifyRequest, reply: FastifyReply, text = '', note = ''): string {
    reply.type('text/html')
    return `<!doctype html><title>Letter</title><p>${note}</p>
      <form method="post" action="/letters">
        ${request.csrfField()}
        <textarea name="text">${escape(text)}</textarea>
        <button>Send</button>
      </form>`
  }
  // #endregion form

  // #region refused
  await app.register(csrf, {
    origin: 'https://app.test',
    keys: [generateKey()],
    onRefused (request, reply, reason) {
      const { text } = (request.body ?? {}) as { text?: unknown }
      // The form of somebody whose session ended meanwhile. Everything else gets the error.
      if (request.url !== '/letters' || !reason.startsWith('token-') || typeof text !== 'string') return undefined
      return form(request, reply, text, 'Your session ended before you sent this. Please read it and send it again.')
    }
  })
  // #endregion refused

  await app.register(formbody)
  app.get('/letters', (request, reply) => reply.send(form(request, reply)))
  app.post('/letters', () => 'sent')
  return app
}
