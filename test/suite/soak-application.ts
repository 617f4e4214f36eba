import { fileURLToPath } from 'node:url'
import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import Fastify, { LogController, type FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { bulwark, generateKey } from '../../plugins/bulwark.ts'
import { secureServerOptions } from '../../plugins/headers.ts'
import { f, html } from '../../plugins/input.ts'
import { requireFresh, requireLogin } from '../../plugins/session.ts'
import { memoryStore } from '../../lib/session/stores/memory.ts'

const assets = fileURLToPath(new URL('../../../docs/demo/public/', import.meta.url))
export const USERS: readonly string[] = Array.from({ length: 20 }, (_, index) => `user${index}`)
export const PASSWORD = 'correct horse battery staple'

/** What the log of the application says of faults of its own, and how many lines it has of other kinds. */
export interface Log {
  readonly errors: string[]
  lines: number
}

/** An application with every part of the suite, as a shop has them. `now` is the clock of sessions, `folder` is where uploads go. */
export async function build (folder: string, now: () => number, log: Log): Promise<FastifyInstance> {
  const stream = {
    write (line: string) {
      log.lines++
      if ((JSON.parse(line) as { level: number }).level >= 50) log.errors.push(line.trim())
    }
  }
  const app = Fastify({ ...secureServerOptions(), trustProxy: '127.0.0.1', logger: { level: 'info', stream }, logController: new LogController({ disableRequestLogging: true }) }) as unknown as FastifyInstance
  await app.register(multipart)
  await app.register(bulwark, {
    origin: 'https://app.test',
    keys: [generateKey()],
    session: { loginPath: '/login', store: memoryStore({ now }), maxSessions: 5, remember: { maxAge: 86_400, idle: 43_200 }, now },
    integrity: { roots: [{ root: assets, prefix: '/public/' }] },
    redirect: { hosts: ['good.test'] },
    files: { folder, limits: { request: 100_000 } }
  })
  await app.register(fastifyStatic, { root: assets, prefix: '/public/' })

  app.get('/', (request, reply) => {
    const visits = Number(request.session.get('cart') ?? 0) + 1
    request.session.set('cart', visits as never)
    return reply.type('text/html').send(`<!doctype html><title>Shop</title>${app.integrity.for(request).scriptTag('/public/forms.js')}
<script nonce="${request.cspNonce}">document.title = ${visits}</script><p>${String(html`${request.session.flash('message') ?? ''}`)}<form method="post" action="/transfer">${request.csrfField()}<input name="amount"></form>`)
  })
  app.get('/about', (_request, reply) => reply.type('text/html').send('<!doctype html><title>About</title>'))
  app.route({
    method: ['GET', 'POST'],
    url: '/login',
    config: { security: { redirect: { field: 'next', in: ['query'] } } },
    schema: { body: Type.Object({ user: f.text({ max: 20 }), password: f.secret(), remember: f.checkbox() }) },
    form: {
      check: { password: (password: string) => password === PASSWORD ? undefined : 'This is not the password.' },
      render: (request, _reply, form) => html`<!doctype html><title>Log in</title><form method="post"><input type="hidden" name="_csrf" value="${request.csrfToken()}"><input ${form.field('user').attributes}><input ${form.field('password').attributes}>${form.field('password').errors}</form>`
    }
  }, async (request, reply) => {
    const { user, remember } = request.body as { user: string, remember: boolean }
    await request.session.login(user, { remember, label: 'a browser' })
    request.session.flash('message', `Hello ${user}`)
    return reply.safeRedirect(request.redirectTarget)
  })
  app.post('/logout', async (request, reply) => {
    await request.session.logout({ everywhere: (request.query as { everywhere?: string }).everywhere !== undefined })
    return reply.safeRedirect('/')
  })
  app.get('/account', { preHandler: requireLogin }, (request, reply) => reply.type('text/html').send(`<!doctype html><title>${request.session.remembered ? 'Remembered' : 'Account'}</title><p>${String(html`${request.session.userId}`)}`))
  app.get('/devices', { config: { security: { session: { login: true, strict: true } } } }, async (request) => ({ sessions: (await app.sessions.list(request.session.userId!)).length }))
  app.get('/secret', { preHandler: requireFresh({ within: 300 }) }, () => ({ secret: 42 }))

  const Order = Type.Object({ items: Type.Array(Type.Object({ sku: f.text({ max: 10 }), count: f.integer({ min: 1, max: 99 }) }), { minItems: 1, maxItems: 20 }), note: Type.Optional(f.text({ multiline: true, max: 500 })) })
  app.post('/orders', { config: { security: { session: { login: true } } }, schema: { body: Order } }, (request) => ({ lines: (request.body as { items: unknown[] }).items.length }))
  app.post('/transfer', { config: { security: { csrf: 'token' } }, schema: { body: Type.Object({ amount: f.integer({ min: 1 }) }) }, form: { accepts: ['form', 'json'] } }, (request) => ({ amount: (request.body as { amount: number }).amount }))
  app.route({
    method: 'POST',
    url: '/avatar',
    schema: { body: Type.Object({ title: f.text({ max: 80 }), avatar: f.file({ types: ['png'], maxSize: 20_000 }) }) },
    form: { accepts: ['form'] }
  }, (request) => ({ size: request.form.ok && request.form.values.avatar.size }))
  app.get<{ Params: { name: string } }>('/download/:name', (request, reply) => reply.download({ root: assets, path: request.params.name }))
  app.get<{ Querystring: { to: string } }>('/go', (request, reply) => reply.safeRedirect(request.query.to))
  // A handler without a look of its own: the net is what is between it and the open.
  app.get<{ Querystring: { to: string } }>('/leap', (request, reply) => reply.redirect(request.query.to))
  return app
}

/** A picture that is one, of `size` bytes. */
export function picture (size: number): Buffer {
  const bytes = Buffer.alloc(size, 'pixels')
  bytes.write('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex')
  bytes.writeUInt32BE(size - 57, 33)
  bytes.write('IDAT', 37)
  bytes.write('0000000049454e44ae426082', size - 12, 'hex')
  return bytes
}
