import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { redirect, resolveRedirect, type RedirectOptions, type ResolveOptions } from 'fastify-bulwark/redirect'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { corpus, type Payload } from '../lib/redirect/arbitrary-target.ts'
import { makeCertificate } from './certificate.ts'
import { launch } from './chromium.ts'

// The whole world is on this machine: whatever host of .test a page goes to, Chromium asks the servers below. No other one is there.

const { key, cert, fingerprint } = makeCertificate()
export const RULES: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test'] }
export const OPTIONS: RedirectOptions = { ...RULES, keys: [generateKey()] }
export const INSIDE: readonly string[] = ['https://app.test', 'https://good.test']

export interface World {
  /** The host and the Referer of each page that was asked for. */
  readonly asked: Array<{ readonly url: string, readonly referer: string | undefined }>
  readonly rules: string
}

export interface Cases { Params: { index: string } }

function routes (app: FastifyInstance, asked: World['asked']): void {
  app.addHook('onRequest', (request, _reply, next) => {
    asked.push({ url: `${request.protocol}://${request.host}${request.url}`, referer: request.headers.referer })
    next()
  })
  const seen = new Set<string>()
  for (const [path, follow] of [['safe', (reply: FastifyReply, url: string) => reply.safeRedirect(url)], ['plain', (reply: FastifyReply, url: string) => reply.redirect(url)]] as const) {
    app.get<Cases>(`/${path}/case-:index(^\\d+$)`, (request, reply) => {
      // A target may lead back here, as a fragment alone does.
      if (seen.has(request.url)) return reply.callNotFound()
      seen.add(request.url)
      return follow(reply, corpus[Number(request.params.index)]!.payload)
    })
  }
  app.get<{ Querystring: { to: string } }>('/out', (request, reply) => reply.leaveTo(request.query.to))
  app.get<{ Querystring: { next: string } }>('/go', (request, reply) => reply.redirect(request.query.next))
  app.get('/oauth', (_request, reply) => {
    reply.csp?.append('form-action', 'https://id.test')
    return reply.type('text/html').send('<!doctype html><form method="post" action="/oauth"><button>Go on</button></form>')
  })
  app.post('/oauth', { config: { security: { redirect: { hosts: ['id.test'] } } } }, (_request, reply) => reply.safeRedirect('https://id.test/authorize?client_id=demo'))
  app.get('/login', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => reply.type('text/html').send(
    `<!doctype html><form method="post" action="/login"><input type="hidden" name="token" value="${request.signNext(request.redirectTarget, { maxAge: 60 })}"><button>Log in</button></form>`))
  app.post<{ Body: { token: string } }>('/login', (request, reply) => reply.safeRedirect(request.verifyNext(request.body.token), { fallback: '/' }))
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))))
  app.setNotFoundHandler((_request, reply) => reply.code(200).type('text/html').send('<!doctype html><title>a page</title>'))
}

export async function world (t: Test, { withHeaders = false }: { readonly withHeaders?: boolean } = {}): Promise<World> {
  const asked: World['asked'] = []
  const ports: number[] = []
  for (const app of [Fastify({ https: { key, cert } }) as unknown as FastifyInstance, Fastify()]) {
    if (withHeaders) await app.register(headers)
    await app.register(redirect, OPTIONS)
    routes(app, asked)
    await app.listen({ port: 0, host: '127.0.0.1' })
    ports.push((app.server.address() as AddressInfo).port)
    t.teardown(async () => {
      app.server.closeAllConnections()
      await app.close()
    })
  }
  return { asked, rules: `MAP *.test:443 127.0.0.1:${ports[0]!}, MAP *.test:80 127.0.0.1:${ports[1]!}, MAP * ~NOTFOUND` }
}

export async function browserIn (t: Test, { rules }: World): Promise<Browser> {
  const browser = await launch(`--ignore-certificate-errors-spki-list=${fingerprint}`, `--host-resolver-rules=${rules}`, '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable')
  t.teardown(() => browser.close())
  return browser
}

/** A visitor who has never been here. */
export async function visit (t: Test, browser: Browser): Promise<{ page: Page, visited: string[] }> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const visited: string[] = []
  page.on('request', (request) => { if (request.isNavigationRequest()) visited.push(request.url()) })
  return { page, visited }
}

/** A sample with every label, every reason of ours and every `why`: so many of each group, the same ones at every run. */
export function sample (perGroup: number): Array<{ readonly index: number, readonly line: Payload }> {
  const groups = new Map<string, Array<{ index: number, line: Payload }>>()
  for (const [index, line] of corpus.entries()) {
    const resolution = resolveRedirect(line.payload, RULES)
    const group = [line.label, line.why, line.benign, resolution.ok ? resolution.kind : resolution.reason].join()
    groups.set(group, [...groups.get(group) ?? [], { index, line }])
  }
  let seed = 42
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648)
  return [...groups.values()].flatMap((group) => {
    const left = [...group]
    return Array.from({ length: Math.min(perGroup, left.length) }, () => left.splice(random() % left.length, 1)[0]!)
  })
}

export const originOf = (url: string): string => URL.canParse(url) ? new URL(url).origin : url
