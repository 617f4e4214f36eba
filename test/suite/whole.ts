import { fileURLToPath } from 'node:url'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { Type } from 'typebox'
import { PARTS, type Part } from '../../lib/bulwark/parts.ts'
import { generateKey, type BulwarkOptions } from '../../plugins/bulwark.ts'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { f, html, input } from '../../plugins/input.ts'
import { integrity } from '../../plugins/integrity.ts'
import { redirect } from '../../plugins/redirect.ts'
import { requireLogin, session } from '../../plugins/session.ts'
import { transport } from '../../plugins/transport.ts'
import { CONTENT_TYPE, formBody } from '../lib/files/form-body.ts'
import { png } from '../lib/files/samples.ts'

// An application that has the whole suite, and a list of requests that touch every part of it.

const keys = [generateKey()]
const origin = 'https://app.test'
const folder = fileURLToPath(new URL('../../../docs/examples/integrity/public/', import.meta.url))
const roots = [{ root: folder, prefix: '/public/' }]

/** The options of everything at once. */
export const OPTIONS: BulwarkOptions = { keys, origin, integrity: { roots }, session: { loginPath: '/login' } }

const STEPS: Readonly<Record<Part | 'multipart' | 'formbody' | 'static', (app: FastifyInstance) => PromiseLike<unknown>>> = {
  headers: (app) => app.register(headers),
  transport: (app) => app.register(transport, { hosts: ['app.test'] }),
  integrity: (app) => app.register(integrity, { roots }),
  session: (app) => app.register(session, { keys, loginPath: '/login' }),
  csrf: (app) => app.register(csrf, { keys, origin }),
  input: (app) => app.register(input),
  files: (app) => app.register(files),
  redirect: (app) => app.register(redirect, { keys, origin }),
  multipart: (app) => app.register(multipart),
  formbody: (app) => app.register(formbody),
  static: (app) => app.register(fastifyStatic, { root: folder, prefix: '/public/' })
}

export type Step = keyof typeof STEPS

/** The parts in the order of bulwark, and the plugins of others that they work with. */
export const ORDER: readonly Step[] = [...PARTS, 'multipart', 'formbody', 'static']

/** Registers one plugin. */
export async function take (app: FastifyInstance, step: Step): Promise<void> {
  await STEPS[step](app)
}

/** The routes, which come last: input and files see those only that are declared after them. */
export function declareRoutes (app: FastifyInstance): void {
  app.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>${app.integrity.scriptTag('/public/app.js')}`))
  app.get('/data', () => ({ data: true }))
  app.route({
    method: ['GET', 'POST'],
    url: '/form',
    schema: { body: Type.Object({ name: f.text({ max: 10 }) }) },
    form: { accepts: ['form', 'json'], render: (request, _reply, form) => html`<form method="post"><input type="hidden" name="_csrf" value="${request.csrfToken()}"><input ${form.field('name').attributes}>${form.summary}</form>` }
  }, async (request) => request.form.ok && request.form.values)
  app.route({
    method: ['GET', 'POST'],
    url: '/login',
    config: { security: { redirect: { field: 'next', in: ['query'] } } },
    schema: { body: Type.Object({ user: f.username() }) },
    form: { accepts: ['json'], render: () => html`<p>Log in</p>` }
  }, async (request, reply) => {
    await request.session.login('42')
    return reply.safeRedirect(request.redirectTarget)
  })
  app.get('/me', { preHandler: requireLogin }, (request) => ({ user: request.session.userId }))
  app.get<{ Querystring: { next?: string } }>('/go', (request, reply) => reply.safeRedirect(request.query.next))
  app.post('/upload', { form: { files: { photo: { types: ['png'], required: true } } } }, (request) => ({ size: request.uploads.get('photo')?.size, type: request.uploads.get('photo')?.type }))
  app.get('/download', (_request, reply) => reply.download(Buffer.from('<script>'), { name: 'a.html' }))
}

const SECURE = { host: 'app.test', 'x-forwarded-proto': 'https' }
const OWN = { 'sec-fetch-site': 'same-origin' }
const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A request over https, through a proxy that is trusted. */
export function secured (request: InjectOptions): InjectOptions {
  return { remoteAddress: '10.0.0.1', ...request, headers: { ...SECURE, ...request.headers } }
}

/** The cookies of a reply as a browser would send them. */
export function cookiesOf (reply: LightMyRequestResponse): string {
  return reply.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** A reply as a line of text: what is random or the time of day is replaced, and headers, whose order means nothing, are sorted. */
function lineOf ({ statusCode, headers, body }: LightMyRequestResponse): string {
  const lines = Object.entries(headers).filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${[value].flat().join(' | ')}`).sort()
  return [String(statusCode), ...lines, '', body].join('\n')
    .replace(/(nonce[-=]"?)[\w-]{22}/g, '$1NONCE')
    .replace(/(name="_csrf" value=")[\w-]{86}/g, '$1TOKEN')
    // The name of the cookie of csrf ends in its own random part.
    .replace(/__Host-(csrf|session|remember|flash)(?:-[\w-]{6})?=[^;|]+/g, '__Host-$1=COOKIE')
    .replace(/(next=)\d+\.[\w-]+\.[\w-]{43}/g, '$1SIGNED')
}

/** What an application answers to the list, by the names of the requests. */
export async function repliesOf (app: FastifyInstance): Promise<Record<string, string>> {
  const ask = async (request: InjectOptions): Promise<LightMyRequestResponse> => await app.inject(secured(request))
  const form = await ask({ url: '/form', headers: PAGE })
  const token = /name="_csrf" value="([\w-]{86})"/.exec(form.body)![1]!
  const cookie = cookiesOf(form)
  const entered = await ask({ method: 'POST', url: '/login?next=/me', headers: OWN, payload: { user: 'ada' } })
  const upload = { method: 'POST', url: '/upload', headers: { 'content-type': CONTENT_TYPE, ...OWN } } as const
  const requests: Record<string, InjectOptions> = {
    page: { url: '/', headers: PAGE },
    'page, HEAD': { method: 'HEAD', url: '/' },
    'page, OPTIONS': { method: 'OPTIONS', url: '/' },
    data: { url: '/data' },
    'form, good': { method: 'POST', url: '/form', headers: { ...FORM, ...OWN, ...PAGE }, payload: '_csrf=x&name=Ada' },
    'form, wrong': { method: 'POST', url: '/form', headers: { ...FORM, ...OWN, ...PAGE }, payload: `_csrf=x&name=${'a'.repeat(11)}` },
    'form, by its token': { method: 'POST', url: '/form', headers: { ...FORM, origin: 'null', cookie }, payload: `_csrf=${token}&name=Ada` },
    'form, without a token': { method: 'POST', url: '/form', headers: { ...FORM, origin: 'null', cookie }, payload: 'name=Ada' },
    'form, of another site': { method: 'POST', url: '/form', headers: { ...FORM, 'sec-fetch-site': 'cross-site', cookie }, payload: `_csrf=${token}&name=Ada` },
    'form, as JSON': { method: 'POST', url: '/form', headers: OWN, payload: { name: 'Ada' } },
    'a body that nobody reads': { method: 'POST', url: '/form', headers: { 'content-type': 'text/plain', ...OWN }, payload: 'name=Ada' },
    'login, wrong': { method: 'POST', url: '/login', headers: OWN, payload: { user: '' } },
    'login, and on to another site': { method: 'POST', url: '/login?next=//evil.test', headers: OWN, payload: { user: 'ada' } },
    me: { url: '/me', headers: { cookie: cookiesOf(entered) } },
    'me, a stranger': { url: '/me', headers: PAGE },
    'me, a program': { url: '/me' },
    'redirect, good': { url: '/go?next=/data' },
    'redirect, bad': { url: '/go?next=//evil.test' },
    nowhere: { url: '/nowhere', headers: PAGE },
    'nowhere, POST': { method: 'POST', url: '/nowhere', headers: OWN, payload: {} },
    'upload, good': { ...upload, payload: formBody({ name: 'photo', filename: 'a.png', data: png() }) },
    'upload, of another kind': { ...upload, payload: formBody({ name: 'photo', filename: 'a.png', data: 'text' }) },
    'upload, by its token': { ...upload, headers: { 'content-type': CONTENT_TYPE, origin: 'null', cookie }, payload: formBody({ name: '_csrf', data: token }, { name: 'photo', filename: 'a.png', data: png() }) },
    download: { url: '/download' },
    'a file': { url: '/public/app.js' },
    'a file that is not there': { url: '/public/nothing.js' },
    'http, a page': { url: '/', headers: { ...PAGE, 'x-forwarded-proto': 'http' } },
    'http, a program': { url: '/data', headers: { 'x-forwarded-proto': 'http' } },
    'another host': { url: '/', headers: { host: 'evil.test' } },
    'a host that is none': { url: '/', headers: { host: 'app.test/evil' } }
  }
  const replies: Record<string, string> = { form: lineOf(form), 'login, good': lineOf(entered) }
  for (const [name, request] of Object.entries(requests)) replies[name] = lineOf(await ask(request))
  return replies
}
