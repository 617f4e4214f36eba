import { join } from 'node:path'
import t, { type Test } from 'tap'
import { inspectApplication } from '../../../lib/cli/inspection.ts'
import type { RoutePosture } from '../../../lib/cli/posture.ts'

async function inspect (t: Test, text: string, host: string = 'localhost'): Promise<RoutePosture[]> {
  return await inspectApplication({ file: join(t.testdir({ 'app.mjs': `import Fastify from 'fastify'\n${text}` }), 'app.mjs'), host })
}

t.test('every route is told once a method, with its reply where it can be asked', async (t) => {
  const postures = await inspect(t, `
    import { headers } from 'fastify-bulwark/headers'
    const app = Fastify()
    app.register(headers)
    app.get('/', (request, reply) => reply.type('text/html').send(request.cspNonce))
    app.head('/alone', (request, reply) => reply.send())
    app.get('/users/:id', () => 1)
    app.get('/v', { constraints: { host: 'other.test' } }, () => 1)
    app.route({ method: ['POST', 'PUT'], url: '/', handler: () => { throw new Error('never asked') } })
    app.get('/broken', () => { throw new Error('broken') })
    export default app`)
  t.same(postures.map(({ method, url, reply }) => [method, url, reply?.status ?? null]), [
    ['GET', '/', 200], ['HEAD', '/alone', 200], ['GET', '/users/:id', null], ['GET', '/v', null], ['POST', '/', null], ['PUT', '/', null], ['GET', '/broken', 500], ['GET', '(not found)', 404]
  ])
  t.match(postures[0], { plugins: ['headers'], reply: { policy: /'nonce-/ } })
  t.same(postures[0]!.findings, [], 'as over https')
})

t.test('a route that gives no reply in time, breaks its connection or never ends does not hold the others up', async (t) => {
  const postures = await inspect(t, `
    import { Readable } from 'node:stream'
    const app = Fastify()
    app.get('/silent', () => new Promise(() => {}))
    app.get('/gone', (request, reply) => { reply.hijack(); reply.raw.destroy() })
    app.get('/endless', (request, reply) => reply.type('text/event-stream').send(new Readable({ read () { setTimeout(() => this.push('data: a\\n\\n'), 5) } })))
    app.addHook('onClose', () => new Promise(() => {}))
    export default app`)
  t.match(postures, [
    { url: '/silent', reply: null, findings: [{ code: 'no-reply' }] },
    { url: '/gone', reply: null },
    { url: '/endless', reply: { status: 200, contentType: 'text/event-stream' } },
    { url: '(not found)' }
  ])
})

t.test('requests name the host that was given, and have no cookie', async (t) => {
  const [posture] = await inspect(t, "const app = Fastify()\napp.get('/', ({ host, headers }, reply) => reply.type('application/json+' + host + '+' + headers.cookie).send(''))\nexport default app", 'shop.test')
  t.equal(posture!.reply!.contentType, 'application/json+shop.test+undefined; charset=utf-8')
})
