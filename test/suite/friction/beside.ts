import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { bulwark, type BulwarkOptions } from '../../../plugins/bulwark.ts'
import { OPTIONS } from '../whole.ts'

/** Shows what must hold for the whole suite beside a plugin of somebody else, with that one registered before and after. */
export function besides (t: Test, register: (app: FastifyInstance) => PromiseLike<unknown>, show: (t: Test, app: FastifyInstance, order: 'before' | 'after') => Promise<void>, options: BulwarkOptions = {}): void {
  for (const order of ['before', 'after'] as const) {
    t.test(`registered ${order} everything else`, async (t) => {
      const app = Fastify({ trustProxy: '10.0.0.0/8' }) as unknown as FastifyInstance
      t.teardown(() => app.close())
      if (order === 'before') await register(app)
      await app.register(bulwark, { ...OPTIONS, ...options })
      if (order === 'after') await register(app)
      await show(t, app, order)
    })
  }
}

/** Every reply has these, whoever answers. */
export const HEADERS: Readonly<Record<string, string | RegExp>> = { 'x-content-type-options': 'nosniff', 'strict-transport-security': /^max-age=/, 'content-security-policy': /frame-ancestors 'none'/ }
