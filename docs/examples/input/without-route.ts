import Fastify, { type FastifyInstance } from 'fastify'
import { f, input } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (rows: unknown[]): Promise<{ app: FastifyInstance, rejected: number }> {
  const app = Fastify()
  await app.register(input)
  // #region validate
  const Row = Type.Object({ sku: f.slug(), count: f.integer({ min: 0 }) })
  const results = rows.map((row) => app.input.validate(Row, row, { from: 'form' }))
  const rejected = results.filter((result) => !result.ok).length
  // #endregion validate
  return { app, rejected }
}
