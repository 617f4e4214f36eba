import Fastify, { type FastifyInstance } from 'fastify'
import { f, input, requiredIf } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(input)
  // #region nested
  const Order = Type.Object({
    address: Type.Object({ street: f.text(), country: f.choice(['DE', 'US']), state: Type.Optional(f.text()) }),
    items: f.list(Type.Object({ name: f.text({ max: 50 }), count: f.integer({ min: 1, max: 99 }) }), { min: 1, max: 20 }),
    gift: f.checkbox()
  })
  app.post('/order', {
    schema: { body: Order },
    form: {
      labels: { 'items.*.count': 'How many' },
      check: { 'address.state': requiredIf('address.country', 'US') }
    }
  }, async (request) => request.form.ok && request.form.values)
  // #endregion nested
  return app
}
