import { setTimeout as sleep } from 'node:timers/promises'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { secured } from '../whole.ts'
import { besides, HEADERS } from './beside.ts'

// Known friction: the 503 of an early hook without headers; a probe that asks over plain http by the address of the machine, and is redirected or refused.

const register = (limits: object) => (app: FastifyInstance) => app.register(underPressure, {
  ...limits, exposeStatusRoute: { url: '/health', routeOpts: { config: { security: { transport: false } } } } as never
})
const probe = { url: '/health', headers: { host: '10.0.0.7:3000' }, remoteAddress: '203.0.113.9' }

t.test('a probe is answered over plain http, whatever host it names, and nothing else is', async (t) => {
  besides(t, register({}), async (t, app) => {
    app.get('/', () => '')
    t.match(await app.inject(probe), { statusCode: 200, body: '{"status":"ok"}', headers: { 'x-content-type-options': 'nosniff' } })
    t.equal((await app.inject({ ...probe, url: '/' })).statusCode, 421)
  })
})

t.test('a server that is busy says so with its headers', async (t) => {
  besides(t, register({ maxHeapUsedBytes: 1, sampleInterval: 1 }), async (t, app) => {
    app.get('/', (_request, reply) => reply.type('text/html').send('<p>page</p>'))
    await app.ready()
    let reply = await app.inject(secured({ url: '/' }))
    for (let count = 0; reply.statusCode === 200 && count < 200; count++) {
      await sleep(5)
      reply = await app.inject(secured({ url: '/' }))
    }
    t.match(reply, { statusCode: 503, headers: { ...HEADERS, 'retry-after': /^\d+$/ } })
  })
})
