import fastifyCookie from '@fastify/cookie'
import Fastify from 'fastify'
import t from 'tap'
import { readsCookiesEarly, surroundingsOf } from '../../../lib/session/surroundings.ts'

t.test('where a session is used', async (t) => {
  t.same(surroundingsOf(Fastify()), { isProduction: false, isHttps: false, trustsProxy: false })
  t.match(surroundingsOf(Fastify({ trustProxy: true })), { trustsProxy: true })
  t.match(surroundingsOf(Fastify({ trustProxy: '10.0.0.1' })), { trustsProxy: true })
  t.match(surroundingsOf(Fastify({ https: {} })), { isHttps: true })
  t.same(surroundingsOf({}), { isProduction: false, isHttps: false, trustsProxy: false }, 'what cannot be seen is not there')
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
  t.match(surroundingsOf(Fastify()), { isProduction: true })
  let inner: object = {}
  const app = Fastify({ trustProxy: true })
  app.register(async (scope) => { inner = scope })
  await app.ready()
  t.match(surroundingsOf(inner), { trustsProxy: true }, 'a scope is within its server')
})

t.test('where @fastify/cookie reads', async (t) => {
  for (const [hook, expected] of [[undefined, true], ['onRequest', true], ['preParsing', false], ['preValidation', false], ['preHandler', false], [false, false]] as const) {
    const app = Fastify()
    await app.register(fastifyCookie, hook === undefined ? {} : { hook })
    t.equal(readsCookiesEarly(app), expected, String(hook))
  }
  t.equal(readsCookiesEarly({}), true, 'where it cannot be seen, nobody is accused')
})
