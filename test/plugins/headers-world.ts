import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions, type LightMyRequestResponse } from 'fastify'
import { headers, type HeadersOptions } from '../../plugins/headers.ts'

// What the tests of the plugin `headers` share.

export type Routes = (app: FastifyInstance) => unknown
export type Written = Record<string, string>

/** What the plugin may write; everything else in a reply is somebody else's. */
export const OURS: ReadonlySet<string> = new Set(['content-security-policy', 'content-security-policy-report-only', 'strict-transport-security', 'x-content-type-options', 'x-frame-options',
  'referrer-policy', 'cross-origin-opener-policy', 'cross-origin-embedder-policy', 'cross-origin-resource-policy', 'permissions-policy', 'origin-agent-cluster',
  'x-xss-protection', 'reporting-endpoints'])

export const DOCUMENT: Readonly<Record<'content-security-policy', string> & Written> = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "object-src 'none'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
  'origin-agent-cluster': '?1'
}
export const OTHER = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin'
}
export const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
export const DOCUMENT_HTTPS: Written = { ...DOCUMENT, ...HSTS, 'content-security-policy': DOCUMENT['content-security-policy'].replace(/$/, '; upgrade-insecure-requests') }
export const OTHER_HTTPS: Written = { ...OTHER, ...HSTS }

export function written ({ headers }: LightMyRequestResponse): Written {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => OURS.has(name)).map(([name, value]) => [name, String(value)]))
}

export function policy ({ headers }: LightMyRequestResponse): string {
  return String(headers['content-security-policy'])
}

/** The value of one directive of the enforced policy; `undefined` where it is absent. */
export function directive (reply: LightMyRequestResponse, name: string, header = 'content-security-policy'): string | undefined {
  return String(reply.headers[header] ?? '').split('; ').find((text) => text.split(' ')[0] === name)?.slice(name.length + 1)
}

export function nonceOf (reply: LightMyRequestResponse, header = 'content-security-policy'): string | undefined {
  return /'nonce-([^']+)'/.exec(String(reply.headers[header]))?.[1]
}

/** Lines of a log, read as data. */
export function logging (level = 'info'): { lines: Array<Record<string, unknown>>, server: FastifyServerOptions } {
  const lines: Array<Record<string, unknown>> = []
  return { lines, server: { logger: { level, stream: { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } } } } }
}

export async function build (options: HeadersOptions, routes: Routes, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: true, ...server })
  await app.register(headers, options)
  await routes(app)
  return app
}

export const page: Routes = (app) => app.get('/', (_request, reply) => reply.type('text/html').send('<p>page</p>'))
export const pageAndData: Routes = (app) => {
  page(app)
  app.get('/data', () => ({ data: true }))
}
/** A page whose script carries the nonce. */
export const nonced = (request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`)
export const https = { 'x-forwarded-proto': 'https' }
