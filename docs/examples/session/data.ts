import Fastify, { type FastifyInstance } from 'fastify'
import { generateKey, session } from 'fastify-bulwark/session'

// #region types
declare module 'fastify-bulwark/session' {
  interface SessionData {
    cart: readonly string[]
    theme: 'light' | 'dark'
  }
}
// #endregion types

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(session, { keys: [generateKey()] })

  // #region data
  app.post<{ Params: { item: string } }>('/cart/:item', async (request) => {
    const cart = request.session.get('cart') ?? []
    request.session.set('cart', [...cart, request.params.item])
    return { items: cart.length + 1 }
  })
  app.get('/cart', async (request) => ({ cart: request.session.get('cart') ?? [] }))
  app.delete('/cart', async (request) => ({ wasThere: request.session.delete('cart') }))
  app.post('/dark', async (request) => {
    request.session.update((data) => ({ ...data, theme: 'dark' }))
    return { ok: true }
  })
  // #endregion data

  // #region keep
  app.post('/login', async (request) => {
    await request.session.login('42', { keep: ['cart'] })
    return { ok: true }
  })
  // #endregion keep

  // #region flash
  app.post('/save', async (request, reply) => {
    request.session.flash('notice', 'Saved.')
    return reply.redirect('/saved', 303)
  })
  app.get('/saved', async (request) => ({ notice: request.session.flash('notice') ?? 'Nothing new.' }))
  // #endregion flash

  return app
}
