import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { sanitizeUrl } from '@braintree/sanitize-url'
import Fastify from 'fastify'
import isRelativeUrl from 'is-relative-url'
import { isUrlExternal } from 'is-url-external'
import t from 'tap'
import { hasProtocol } from 'ufo'
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

// It has no types.
const sameOrigin = createRequire(import.meta.url)('same-origin') as (one: string, other: string) => boolean

/** Other checks, by the name that they have on the page. What throws has not accepted. */
const PEERS: Readonly<Record<string, (target: string) => boolean>> = {
  "`startsWith('/')` and not `startsWith('//')`": (target) => target.startsWith('/') && !target.startsWith('//'),
  '`new URL(target, origin)`, host and scheme on the list': (target) => {
    const { host, protocol } = new URL(target, 'https://app.test')
    return ['app.test', 'good.test'].includes(host) && ['http:', 'https:'].includes(protocol)
  },
  '`ufo`, `hasProtocol` with `acceptRelative`': (target) => !hasProtocol(target, { acceptRelative: true }),
  '`is-relative-url`, `allowProtocolRelative: false`': (target) => isRelativeUrl(target, { allowProtocolRelative: false }),
  '`is-url-external`': (target) => !isUrlExternal(target, 'app.test'),
  '`same-origin`, on the resolved target': (target) => sameOrigin(new URL(target, 'https://app.test').href, 'https://app.test'),
  '`@braintree/sanitize-url`': (target) => sanitizeUrl(target) !== 'about:blank',
  '`isSafeRedirect`': (target) => isSafeRedirect(target, options)
}

t.test('what other checks say to the corpus is what the page says', async (t) => {
  const page = readFileSync(new URL('../../../docs/redirect.md', import.meta.url), 'utf8')
  for (const [name, check] of Object.entries(PEERS)) {
    const accepts = ({ payload }: { payload: string }): boolean => {
      try {
        return check(payload)
      } catch {
        return false
      }
    }
    const leaving = corpus.filter((line) => line.label === 'leaves' && accepts(line)).length
    const refused = corpus.filter((line) => line.benign && !accepts(line)).length
    t.ok(page.includes(`\n| ${name} | ${leaving} | ${refused} |\n`), `${name}: ${leaving}, ${refused}`)
  }
})
