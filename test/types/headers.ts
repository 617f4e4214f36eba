// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyContextConfig } from 'fastify'
import headersByDefault, {
  applySecurityHeaders, hashOf, headers, headersDefaults, lintPolicy, secureServerOptions,
  type Directives, type Finding, type HeaderSettings, type HeadersOptions, type ReplyPolicy
} from 'fastify-bulwark/headers'

export const options: HeadersOptions = {
  preset: 'article',
  lint: 'error',
  nonce: { generate: () => 'a', separateStyle: true },
  contentSecurityPolicy: {
    replace: false,
    remove: { 'font-src': true, imgSrc: ['data:'] },
    set: { 'default-src': ["'none'"], upgradeInsecureRequests: true, scriptSrcElem: ["'self'", "'nonce'", hashOf('x', 'sha512')] },
    append: { formAction: ['https://login.test'] }
  },
  contentSecurityPolicyReportOnly: {},
  trustedTypes: { mode: 'report-only', policies: ['escape'] },
  reporting: { endpoints: { csp: '/reports' } },
  strictTransportSecurity: { maxAge: 0, includeSubDomains: true, preload: false },
  xFrameOptions: 'SAMEORIGIN',
  referrerPolicy: ['no-referrer', 'strict-origin'],
  crossOriginEmbedderPolicy: 'credentialless',
  permissionsPolicy: { camera: ['self'], displayCapture: [], 'xr-spatial-tracking': false },
  xXssProtection: '0',
  nonDocument: { contentSecurityPolicy: false, referrerPolicy: 'origin' }
}

/** What is frozen or constant is as good. */
export const readonlyOptions: HeadersOptions = { contentSecurityPolicy: { set: { 'img-src': ["'self'"] } } } as const
export const setting: HeaderSettings = { contentSecurityPolicy: false }
export const directives: Directives = { 'default-src': ["'self'"], sandbox: [] }
export const findings: Finding[] = [...lintPolicy(directives), ...lintPolicy("default-src 'self'", ['csp'])]
export const severity: 'high' | 'medium' | 'low' | 'info' | undefined = findings[0]?.severity
export const defaults: Readonly<HeadersOptions> = headersDefaults

const app = Fastify({ ...secureServerOptions({ preset: 'strict' }), logger: false, trustProxy: true })
app.register(headers)
app.register(headers, options)
app.register(headersByDefault, { lint: 'off' })
app.register(headers, () => ({ lint: 'off' as const }))
await app.register(headers, {})

app.get('/', { config: { security: { headers: { contentSecurityPolicy: { append: { imgSrc: ['https://img.test'] } } } } } }, async (request, reply) => {
  const nonce: string = request.cspNonce
  const style: string = request.cspStyleNonce
  const policy: ReplyPolicy = reply.csp.append('form-action', 'https://a.test').append('formAction', 'https://b.test', 'https://c.test')
  applySecurityHeaders(reply)
  // @ts-expect-error: a nonce is read, never written
  request.cspNonce = 'mine'
  // @ts-expect-error: so is the nonce for styles
  request.cspStyleNonce = 'mine'
  // @ts-expect-error: and the policy of the reply
  reply.csp = policy
  // @ts-expect-error: a directive has a known name
  reply.csp.append('form-actoin', 'https://a.test')
  // @ts-expect-error: sources are arguments, not a list
  reply.csp.append('form-action', ['https://a.test'])
  return nonce + style
})
app.get('/off', { config: { security: { headers: false } } }, () => '')
// @ts-expect-error: a value that the option does not have
app.get('/value', { config: { security: { headers: { referrerPolicy: 'no-referer' } } } }, () => '')

// Fastify infers the type of a `config` that is written at the route itself, names and all, so what is misspelt there is left to the start.
// Where it has its type, it is refused.
export const configs: FastifyContextConfig[] = [
  { security: { headers: { xFrameOptions: 'DENY' } } },
  // @ts-expect-error: a route is switched off by false alone
  { security: { headers: true } },
  // @ts-expect-error: no plugin has this name
  { security: { header: {} } },
  // @ts-expect-error: a preset is for the application
  { security: { headers: { preset: 'strict' } } },
  // @ts-expect-error: xFrameOptions
  { security: { headers: { frameOptions: 'DENY' } } }
]

// HTTP/2, secure or not, is no different.
const http2 = Fastify({ http2: true })
http2.register(headers, { preset: 'strict' })
http2.get('/', (request, reply) => {
  reply.hijack()
  applySecurityHeaders(reply)
  reply.raw.end(request.cspNonce)
})
const https = Fastify({ ...secureServerOptions(), https: { key: '', cert: '' } })
https.register(headers)

export const misspelt: HeadersOptions[] = [
  // @ts-expect-error: contentSecurityPolicy
  { contentSecurityPolcy: false },
  // @ts-expect-error: the shape of helmet
  { contentSecurityPolicy: { directives: {} } },
  // @ts-expect-error: false switches a header off; true is no value
  { contentSecurityPolicy: true },
  // @ts-expect-error: script-src
  { contentSecurityPolicy: { set: { 'scrpt-src': ["'self'"] } } },
  // @ts-expect-error: imgSrc
  { contentSecurityPolicy: { append: { imageSrc: ['https://a.test'] } } },
  // @ts-expect-error: a directive is a list
  { contentSecurityPolicy: { set: { 'img-src': "'self'" } } },
  // @ts-expect-error: nothing can be appended by a flag
  { contentSecurityPolicy: { append: { 'img-src': true } } },
  // @ts-expect-error: 'strict' or 'article'
  { preset: 'strickt' },
  // @ts-expect-error: 'off', 'warn' or 'error'
  { lint: true },
  // @ts-expect-error: camera
  { permissionsPolicy: { camra: [] } },
  // @ts-expect-error: a feature has a list
  { permissionsPolicy: { camera: 'self' } },
  // @ts-expect-error: includeSubDomains
  { strictTransportSecurity: { includeSubdomains: true } },
  // @ts-expect-error: a number of seconds
  { strictTransportSecurity: { maxAge: '1 year' } },
  // @ts-expect-error: DENY
  { xFrameOptions: 'deny' },
  // @ts-expect-error: no-referrer
  { referrerPolicy: 'no-referer' },
  // @ts-expect-error: 'report-only'
  { trustedTypes: { mode: 'reportOnly' } },
  // @ts-expect-error: a generator answers at once
  { nonce: { generate: async () => 'a' } },
  // @ts-expect-error: a header that other replies do not have
  { nonDocument: { xFrameOptions: false } },
  // @ts-expect-error: '0', not 0
  { xXssProtection: 0 },
  // @ts-expect-error: what is absent is left out, not undefined
  { referrerPolicy: undefined }
]

// @ts-expect-error: options of the plugin are those of the server
secureServerOptions({ presets: 'strict' })
// @ts-expect-error: the algorithms of CSP
hashOf('x', 'md5')
// @ts-expect-error: directives have known names
lintPolicy({ 'scrpt-src': ["'self'"] })
// @ts-expect-error: the defaults are not to be changed
headersDefaults.lint = 'off'
// @ts-expect-error: applySecurityHeaders takes the reply, not the raw response
app.get('/raw', (_request, reply) => { applySecurityHeaders(reply.raw) })
