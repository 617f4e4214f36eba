import view from '@fastify/view'
import { Eta } from 'eta'
import type { FastifyReply } from 'fastify'
import t from 'tap'
import { secured } from '../whole.ts'
import { besides } from './beside.ts'

// Known friction: a nonce that has to be handed to each template, and is missing on the page for an error; `locals` of the application that are written over.

const PAGE = '<script nonce="<%= it.cspNonce %>"></script><%~ it.integrity.scriptTag("/public/app.js") %><p><%= it.own %></p>'
const render = (reply: FastifyReply, raw: string): FastifyReply => (reply as unknown as { view (page: { raw: string }): FastifyReply }).view({ raw })

besides(t, (app) => app.register(view, { engine: { eta: new Eta() } }), async (t, app) => {
  app.addHook('preHandler', async (_request, reply) => { (reply as { locals?: object }).locals = { ...(reply as { locals?: object }).locals, own: 'of the application' } })
  app.setErrorHandler((_error, _request, reply) => render(reply.code(500), PAGE.replace('<p><%= it.own %></p>', '')))
  app.get('/', (_request, reply) => render(reply, PAGE))
  app.get('/plain', (_request, reply) => render(reply, '<p>plain</p>'))
  app.get('/thrown', () => { throw new Error('thrown') })
  for (const [url, status] of [['/', 200], ['/thrown', 500]] as const) {
    const { statusCode, headers, body } = await app.inject(secured({ url }))
    t.equal(statusCode, status)
    const nonces = [...body.matchAll(/nonce="([\w-]{22})"/g)].map(([, nonce]) => nonce!)
    t.equal(nonces.length, 2, `${url}: the template has a nonce, and the tag of integrity has it, too`)
    t.equal(new Set(nonces).size, 1)
    t.match(headers['content-security-policy'], `'nonce-${nonces[0]!}'`)
    t.match(body, `integrity="${app.integrity('/public/app.js')}"`)
    if (status === 200) t.match(body, '<p>of the application</p>')
  }
  t.notMatch((await app.inject(secured({ url: '/plain' }))).headers['content-security-policy'], 'nonce', 'a template that reads no nonce has a policy without one')
})
