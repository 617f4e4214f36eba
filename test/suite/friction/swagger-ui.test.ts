import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import t from 'tap'
import { secured } from '../whole.ts'
import { besides, HEADERS } from './beside.ts'

// Known friction: a page that stays empty, since the policy blocks its scripts; two policies, of which one wins: its own, since what a reply has is left alone.

const inline = (html: string): string[] => [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>|<style[^>]*>|\bon\w+=|\bstyle=/g)].map(([found]) => found)

for (const [title, options, policy] of [
  ['without a policy of its own', {}, /script-src 'self';.*frame-ancestors 'none'/],
  ['with one', { staticCSP: true }, /frame-ancestors 'self'/]
] as const) {
  t.test(title, async (t) => {
    besides(t, async (app) => {
      await app.register(swagger)
      await app.register(swaggerUi, { routePrefix: '/docs', ...options })
    }, async (t, app) => {
      const page = await app.inject(secured({ url: '/docs/' }))
      t.equal(page.statusCode, 200)
      t.same(inline(page.body), [], 'it has nothing inline that a policy would have to admit')
      const script = await app.inject(secured({ url: '/docs/static/swagger-ui-bundle.js' }))
      t.match(script, { statusCode: 200, headers: { 'x-content-type-options': 'nosniff' } })
      t.match((await app.inject(secured({ url: '/docs/json' }))).headers, { 'x-content-type-options': 'nosniff' })
      t.match(page.headers, { ...HEADERS, 'content-security-policy': policy })
    })
  })
}
