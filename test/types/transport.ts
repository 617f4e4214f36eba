// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify, { type FastifyContextConfig } from 'fastify'
import transportByDefault, { transport, transportDefaults, type TransportOptions, type TransportSettings } from 'fastify-bulwark/transport'

export const options: TransportOptions = { hosts: ['app.test', '*.app.test', 'app.test:8443'], host: 'app.test', https: true, securePort: 8443, allowLoopback: false }

/** What is frozen or constant is as good. */
export const readonlyOptions: TransportOptions = { hosts: ['app.test'] } as const
export const settings: TransportSettings[] = [{}, { https: false }, { hosts: false }, { https: false, hosts: false }]
export const securePort: number = transportDefaults.securePort

const app = Fastify({ trustProxy: '10.0.0.0/8' })
app.register(transport, options)
app.register(transportByDefault, { host: 'app.test' })
app.register(transport, () => ({ hosts: ['app.test'] }))
await app.register(transport, { hosts: ['app.test'] })

app.get('/health', { config: { security: { transport: false } } }, () => '')
app.get('/plain', { config: { security: { transport: { https: false } } } }, () => '')

export const configs: FastifyContextConfig[] = [
  { security: { transport: false } },
  // @ts-expect-error: a route is exempted by false alone
  { security: { transport: true } },
  // @ts-expect-error: no plugin has this name
  { security: { transports: false } },
  // @ts-expect-error: a route cannot demand more
  { security: { transport: { https: true } } },
  // @ts-expect-error: hosts
  { security: { transport: { host: false } } }
]

// HTTP/2, secure or not, is no different.
Fastify({ http2: true }).register(transport, options)
Fastify({ https: { key: '', cert: '' } }).register(transport, options)

export const misspelt: TransportOptions[] = [
  // @ts-expect-error: hosts
  { allowedHosts: ['app.test'] },
  // @ts-expect-error: a list
  { hosts: 'app.test' },
  // @ts-expect-error: a number
  { hosts: ['app.test'], securePort: '8443' },
  // @ts-expect-error: trustProxy is an option of Fastify
  { hosts: ['app.test'], trustProxy: true },
  // @ts-expect-error: what is absent is left out, not undefined
  { hosts: undefined }
]

// @ts-expect-error: the defaults are not to be changed
transportDefaults.https = false
// @ts-expect-error: no address is added to the request
app.get('/ip', (request) => request.clientIp)
