import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

// Who sends what from where, by a real browser: the guarded route beside an open one that gets the same request, so that every refusal is one of a
// request that had arrived and would have been served. The cookies are as careless as they can be, and so are the answers to preflights.

const corpora = new URL('../../../test/corpora/', import.meta.url)
const key = readFileSync(new URL('tls-key.pem', corpora))
const cert = readFileSync(new URL('tls-certificate.pem', corpora))
export const fingerprint: string = createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64')

export type Protocol = 'https' | 'http'

export const HOSTS = { own: 'app.bulwark.test', sibling: 'sub.bulwark.test', stranger: 'stranger.test' } as const
export type Initiator = keyof typeof HOSTS

/** What came of a request: its status, and the headers that were decided by. */
export interface Arrival { readonly status: number, readonly site: string | undefined, readonly origin: string | undefined }

function arrivalOf ({ headers }: FastifyRequest, status: number): Arrival {
  return { status, site: headers['sec-fetch-site'] as string | undefined, origin: headers.origin }
}

/** By path and number of the cell, apart for the guarded and the open route. */
export const arrivals: Map<string, Arrival> = new Map()

/** A page with whatever the query asks for: a referrer policy, a form with a token. */
function page (request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { referrer = '' } = request.query as { referrer?: string }
  return reply.type('text/html').send(`<!doctype html><title>page</title>${referrer === '' ? '' : `<meta name="referrer" content="${referrer}">`}<link rel="icon" href="data:,"><body>`)
}

/** The session plugin's place is taken by a cookie that says who one is. */
function standInSession (app: FastifyInstance): void {
  app.decorate('sessions' as 'version', '')
  const decorator = { getter (this: FastifyRequest) { return { id: /(?:^|; )session=(\w+)/.exec(this.headers.cookie ?? '')?.[1] } } }
  app.decorateRequest('session' as 'id', decorator as never)
}

export async function site (initiator: Initiator, protocol: Protocol, { withSession = true }: { withSession?: boolean } = {}): Promise<FastifyInstance> {
  const app = (protocol === 'https' ? Fastify({ https: { key, cert } }) : Fastify()) as unknown as FastifyInstance
  if (initiator === 'own') {
    if (withSession) standInSession(app)
    await app.register(csrf, { origin: `${protocol}://${HOSTS.own}`, keys: [generateKey()] })
    app.addHook('onRequest', (request, reply, next) => {
      const { origin } = request.headers
      if (origin !== undefined) reply.headers({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', 'access-control-allow-headers': 'content-type', 'access-control-allow-methods': '*, PUT, PATCH, DELETE' })
      if (request.method === 'OPTIONS') reply.code(204).send()
      else next()
    })
    await app.register(formbody)
    await app.register(multipart, { attachFieldsToBody: true })
    await app.register(websocket)
    app.addHook('onResponse', (request, reply, next) => {
      const { cell } = request.query as { cell?: string }
      const path = request.url.split('?')[0]!
      if (cell !== undefined && request.method !== 'OPTIONS') arrivals.set(`${path} ${cell}`, arrivalOf(request, reply.statusCode))
      next()
    })
    app.get('/login', (request, reply) => {
      const { as } = request.query as { as: string }
      return reply.header('set-cookie', `session=${as}; Path=/${protocol === 'https' ? '; Secure; SameSite=None' : ''}`).send('in')
    })
    app.get('/form', (request, reply) => reply.type('text/html').send(`<!doctype html><title>form</title><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
      <form method="post" action="/wanted?cell=form">${request.csrfField()}<input name="text"><button>Send</button></form>`))
    const methods = ['POST', 'PUT', 'PATCH', 'DELETE']
    const changed = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send('changed')
    app.route({ method: methods, url: '/guarded', handler: changed })
    app.route({ method: methods, url: '/wanted', config: { security: { csrf: 'token' } }, handler: changed })
    app.route({ method: methods, url: '/open', config: { security: { csrf: false } }, handler: changed })
    for (const [path, setting] of [['/guarded/live', {}], ['/open/live', { csrf: false as const }]] as const) {
      app.get(path, { websocket: true, config: { security: setting } }, (socket, request) => {
        // What was switched has no response.
        arrivals.set(`${path} ${(request.query as { cell: string }).cell}`, arrivalOf(request, 101))
        socket.send('opened')
      })
    }
    app.get('/guarded/strict', { config: { security: { csrf: 'strict' } } }, changed)
    app.get('/open/strict', changed)
  } else {
    app.addContentTypeParser('*', (_request, payload, done) => { payload.resume().on('end', () => done(null)) })
  }
  app.get('/page', page)
  // To another place, with method and body as they are.
  app.all('/bounce', { config: { security: { csrf: false } } }, (request, reply) => reply.code(307).redirect((request.query as { to: string }).to))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app
}
