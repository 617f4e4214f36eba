// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyContextConfig } from 'fastify'
import redirectByDefault, {
  isSafeRedirect, redirect, redirectDefaults, resolveRedirect,
  type RedirectOptions, type RedirectStatus, type RefusalReason, type Resolution, type ResolveOptions, type RouteRedirect, type SafeRedirectOptions, type SignOptions, type StatusOptions
} from 'fastify-bulwark/redirect'

export const options: RedirectOptions = {
  origin: 'https://app.test',
  hosts: ['good.test', '*.good.test', 'http://good.test:8080'],
  requireHttps: true,
  localOnly: false,
  maxLength: 1024,
  guardAll: false,
  keys: ['']
}
export const readonlyOptions: RedirectOptions = { origin: 'https://app.test', hosts: ['good.test'] } as const
export const rules: ResolveOptions = { localOnly: true }
export const defaults: Readonly<RedirectOptions> = redirectDefaults
export const setting: RouteRedirect = { field: 'next', in: ['query'], fallback: '/', onUnsafe: 'fallback', hosts: [] }
export const sending: SafeRedirectOptions & StatusOptions = { fallback: '/', status: 307 }
export const signing: SignOptions = { maxAge: 60, bind: 'session' }
export const status: RedirectStatus = 308

const input: unknown = ['/a']
const resolution: Resolution = resolveRedirect(input, rules)
export const href: string | RefusalReason = resolution.ok ? resolution.href : resolution.reason
export const kind: 'same' | 'allowed' | undefined = resolution.ok ? resolution.kind : undefined
export const isSafe: boolean = isSafeRedirect(input, rules)
// @ts-expect-error: the answer is looked at first
export const unseen: string = resolution.href
// @ts-expect-error: options of the plugin are none of the resolver
resolveRedirect('/', { origin: 'https://app.test', guardAll: true })

const app = Fastify()
app.register(redirect, options)
app.register(redirectByDefault, { localOnly: true })
await app.register(redirect, readonlyOptions)

app.get('/', { config: { security: { redirect: { field: 'next' } } } }, (request, reply) => {
  const target: string | null = request.redirectTarget
  const token: string = request.signNext(request.query, { maxAge: 60 })
  const next: string | null = request.verifyNext(request.body, { bind: 'session' })
  const safe: boolean = request.isSafeRedirect(request.params)
  // @ts-expect-error: a target is read, never written
  request.redirectTarget = target
  // @ts-expect-error: a token has an end
  request.signNext('/', {})
  // @ts-expect-error: a session that may not be there binds nobody
  request.signNext('/', { maxAge: 60, bind: undefined })
  // @ts-expect-error: an address past the list is a text of the program
  reply.externalRedirect(request.query)
  // @ts-expect-error: there is no redirect with this status
  reply.safeRedirect('/', { status: 200 })
  // @ts-expect-error: fallback
  reply.safeRedirect('/', { fallBack: '/' })
  // @ts-expect-error: where to go without a Referer
  reply.redirectBack()
  return safe ? reply.safeRedirect(next, { fallback: '/' }).header('x-token', token) : reply.redirectBack('/', { status: 303 })
})
app.get('/out', (request, reply) => reply.leaveTo(request.query))
app.get('/off', { config: { security: { redirect: false } } }, (_request, reply) => reply.externalRedirect('https://id.test/'))

export const configs: FastifyContextConfig[] = [
  { security: { redirect: { field: 'next' } } },
  // @ts-expect-error: a route is switched off by false alone
  { security: { redirect: true } },
  // @ts-expect-error: query or body
  { security: { redirect: { field: 'next', in: ['params'] } } },
  // @ts-expect-error: an option of the application
  { security: { redirect: { origin: 'https://app.test' } } }
]

export const misspelt: RedirectOptions[] = [
  // @ts-expect-error: origin
  { orgin: 'https://app.test' },
  // @ts-expect-error: a list
  { origin: 'https://app.test', hosts: 'good.test' },
  // @ts-expect-error: a number
  { origin: 'https://app.test', maxLength: '2kb' },
  // @ts-expect-error: what is absent is left out, not undefined
  { origin: undefined }
]

// @ts-expect-error: the defaults are not to be changed
redirectDefaults.guardAll = false

// HTTP/2 is no different.
const http2 = Fastify({ http2: true })
http2.register(redirect, options)
http2.get('/', (request, reply) => reply.safeRedirect(request.redirectTarget))
