// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyContextConfig } from 'fastify'
import csrfByDefault, { csrf, csrfDefaults, generateKey, type CsrfEvent, type CsrfOptions, type CsrfReason, type RouteCsrf } from 'fastify-bulwark/csrf'

export const options: CsrfOptions = {
  origin: ['https://app.test', 'http://localhost:3000'],
  keys: [generateKey()],
  trustedOrigins: ['https://pay.test'],
  mode: 'report',
  fieldName: 'token',
  headerName: 'x-xsrf-token',
  async onRefused (request, reply, reason) {
    const why: CsrfReason = reason
    if (why === 'token-missing') return reply.type('text/html').send(request.csrfField())
    return undefined
  },
  onEvent (event) {
    const { name, reason, refused, method, route, fetchSite, origin, referer, suppressed }: CsrfEvent = event
    console.log(name, reason, refused, method, route, fetchSite, origin, referer, suppressed)
  }
}

/** What is frozen or constant is as good. */
export const readonlyOptions: CsrfOptions = { origin: 'https://app.test', keys: ['a'], trustedOrigins: ['https://pay.test'] } as const
export const field: string | undefined = csrfDefaults.fieldName
export const settings: RouteCsrf[] = [false, 'strict', 'token', { trustedOrigins: ['https://id.test'] }]

const app = Fastify()
app.register(csrf, options)
app.register(csrfByDefault, readonlyOptions)
await app.register(csrf, () => options)
// @ts-expect-error: the origin and the keys have to be given
app.register(csrf, {})
// @ts-expect-error: the keys have to be given
app.register(csrf, { origin: 'https://app.test' })

app.get('/', (request) => {
  const token: string = request.csrfToken()
  const html: string = request.csrfField() + request.csrfMeta()
  // @ts-expect-error: the token is a function's
  const wrong: string = request.csrfToken
  return token + html + String(wrong)
})
app.post('/webhook', { config: { security: { csrf: false } } }, () => '')
// @ts-expect-error: a setting that there is not
app.post('/value', { config: { security: { csrf: 'off' } } }, () => '')

export const configs: FastifyContextConfig[] = [
  { security: { csrf: { trustedOrigins: [] } } },
  // @ts-expect-error: a route is exempt by false alone
  { security: { csrf: true } },
  // @ts-expect-error: trustedOrigins
  { security: { csrf: { origins: [] } } }
]

export const misspelt: CsrfOptions[] = [
  // @ts-expect-error: trustedOrigins
  { origin: 'https://app.test', keys: [], trustedOrigin: [] },
  // @ts-expect-error: 'enforce' or 'report'
  { origin: 'https://app.test', keys: [], mode: 'off' },
  // @ts-expect-error: texts
  { origin: 'https://app.test', keys: [Buffer.alloc(32)] },
  // @ts-expect-error: a list
  { origin: 'https://app.test', keys: [], trustedOrigins: 'https://pay.test' }
]

// HTTP/2 is no different.
const http2 = Fastify({ http2: true })
http2.register(csrf, options)
