import Fastify from 'fastify'
import t from 'tap'
import { isSafeRedirect, redirect, resolveRedirect, type ResolveOptions } from '../../plugins/redirect.ts'
import { corpus } from '../lib/redirect/arbitrary-target.ts'

// The whole corpus, judged as it was labelled: the list of the own and the other host, plain http included.

const options: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test', 'http://good.test'], requireHttps: false }
const INSIDE: readonly string[] = ['https://app.test', 'http://app.test', 'https://good.test', 'http://good.test']
const PAGES = ['https://app.test/login', 'https://app.test/a/b/c', 'http://app.test/login']

/** Where a browser goes with a text from each of the pages, as its parser sees it. */
const destinations = (text: string): string[] => PAGES.map((page) => new URL(text, page).origin)

t.test('the corpus is whole', async (t) => {
  t.equal(corpus.length, 3118)
  t.equal(corpus.filter(({ benign }) => benign).length, 44)
  t.ok(corpus.filter(({ label }) => label === 'leaves').length > 1400)
})

t.test('nothing that leaves is safe as it is', async (t) => {
  t.same(corpus.filter(({ label, payload }) => label === 'leaves' && isSafeRedirect(payload, options)), [])
})

t.test('everything that is benign is accepted by both', async (t) => {
  t.same(corpus.filter(({ benign, payload }) => benign && !(isSafeRedirect(payload, options) && resolveRedirect(payload, options).ok)), [])
})

t.test('everything that is sent stays, from whichever page', async (t) => {
  let sent = 0
  const faults: unknown[] = []
  for (const { payload } of corpus) {
    const resolution = resolveRedirect(payload, options)
    if (!resolution.ok) {
      if (isSafeRedirect(payload, options)) faults.push({ payload, what: 'safe as it is, and refused' })
      continue
    }
    sent++
    const { href } = resolution
    if (!/^https?:\/\/[\x21-\x7e]+$/.test(href) || !destinations(href).every((origin) => INSIDE.includes(origin))) faults.push({ payload, href })
    if (JSON.stringify(resolveRedirect(href, options)) !== JSON.stringify(resolution)) faults.push({ payload, href, what: 'not itself again' })
  }
  t.same(faults, [])
  t.ok(sent > 1000)
})

t.test('localOnly, with and without an origin', async (t) => {
  for (const local of [{ localOnly: true }, { origin: 'https://app.test', localOnly: true }] as const) {
    const faults = corpus.filter(({ payload, label }) => {
      const resolution = resolveRedirect(payload, local)
      return (label === 'leaves' && isSafeRedirect(payload, local)) || (resolution.ok && !destinations(resolution.href).every((origin) => /^https?:\/\/app\.test$/.test(origin)))
    })
    t.same(faults, [])
    t.same(corpus.filter(({ benign, payload }) => benign && /^\/(?!\/)/.test(payload) && !isSafeRedirect(payload, local)), [])
  }
})

t.test('through a server: checked fields, safeRedirect, and handlers that redirect without a look', async (t) => {
  const app = Fastify()
  await app.register(redirect, options)
  app.get<{ Querystring: { next: string } }>('/field', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => reply.safeRedirect(request.redirectTarget))
  app.get<{ Querystring: { next: string } }>('/safe', (request, reply) => reply.safeRedirect(request.query.next))
  app.get<{ Querystring: { next: string } }>('/plain', (request, reply) => reply.redirect(request.query.next))
  app.post<{ Body: { next: string } }>('/created', (request, reply) => reply.code(201).header('location', request.body.next).send({}))
  let refused = 0
  const faults: string[] = []
  for (const { payload, benign, label } of corpus) {
    // Half of a surrogate pair has no place in a query.
    if (/\p{Surrogate}/u.test(payload)) continue
    for (const path of ['/field', '/safe', '/plain', '/created']) {
      const reply = await app.inject(path === '/created' ? { method: 'POST', url: path, payload: { next: payload } } : `${path}?next=${encodeURIComponent(payload)}`)
      const { location } = reply.headers
      const what = `${path} ${JSON.stringify(payload)} (${label}): ${reply.statusCode} ${String(location)}`
      if (location === undefined) {
        refused++
        if (reply.statusCode !== 400 || benign) faults.push(what)
      } else if (!/^[\x21-\x7e]+$/.test(location) || !destinations(location).every((origin) => INSIDE.includes(origin))) {
        faults.push(what)
      }
    }
  }
  t.same(faults, [])
  t.ok(refused > 4000)
  await app.close()
})
