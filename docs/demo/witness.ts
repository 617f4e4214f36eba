import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { transport } from 'fastify-bulwark/transport'
import type { CurlRequest } from './curl-line.ts'

// A server that nobody can connect to: requests are handed to it within this process, with addresses that are made up.

/** Where the writer of the line sits (RFC 5737: nobody's address). */
export const CLIENT = '203.0.113.9'
export const PROXY = '10.0.0.1'

export type Trust = 'none' | 'network' | 'everybody' | 'count' | 'hops'
export type Way = 'direct' | 'proxy' | 'careless'

/** A setting of `trustProxy`. */
interface TrustSetting {
  readonly label: string
  readonly value: unknown
  /** Whether the word of a neighbour counts under it. */
  readonly trusts: (peer: string) => boolean
}

/** The settings to choose from. */
export const TRUSTS: Readonly<Record<Trust, TrustSetting>> = {
  none: { label: 'false', value: false, trusts: () => false },
  network: { label: "'10.0.0.0/8'", value: '10.0.0.0/8', trusts: (peer: string) => peer === PROXY },
  everybody: { label: 'true', value: true, trusts: () => true },
  count: { label: '1', value: 1, trusts: () => false },
  hops: { label: '(address, hop) => hop < 1', value: (_address: string, hop: number) => hop < 1, trusts: () => true }
}

/** The ways to the server to choose from. */
export const WAYS: Readonly<Record<Way, string>> = {
  direct: 'directly, with no proxy between',
  proxy: 'through a proxy that overwrites what it should',
  careless: 'through a proxy that passes on what the client wrote'
}

/** What Fastify believed of a request. */
interface Belief { readonly ip: string, readonly host: string, readonly protocol: string, readonly referer: string | undefined, readonly userAgent: string | undefined }

/** What the server made of a request. */
export interface Testimony extends Belief {
  readonly status: number
  readonly code: string | undefined
  readonly location: string | undefined
  /** What reached the server, line by line. */
  readonly received: ReadonlyArray<readonly [name: string, value: string]>
  readonly peer: string
}

type Headers = Array<[name: string, value: string]>

/** What the proxy makes of the headers. */
function forward (headers: Headers, way: Way, isSecure: boolean): Headers {
  if (way === 'direct') return headers
  const isNamed = (name: string) => ([other]: readonly [string, string]): boolean => other.toLowerCase() === name
  const addresses = headers.filter(isNamed('x-forwarded-for')).map(([, value]) => value)
  const rest = headers.filter((header) => !isNamed('x-forwarded-for')(header) && !(way === 'proxy' && (isNamed('x-forwarded-proto')(header) || isNamed('x-forwarded-host')(header))))
  rest.push(['X-Forwarded-For', [...addresses, CLIENT].join(', ')])
  if (!rest.some(isNamed('x-forwarded-proto'))) rest.push(['X-Forwarded-Proto', isSecure ? 'https' : 'http'])
  return rest
}

const BELIEVED = 'x-believed'

/** Stands for an empty Host, in the place of which `inject` would make one up. No header can hold it. */
const EMPTY = '\0'

function testify ({ ip, host, protocol, headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const belief: Belief = { ip, host, protocol, referer: headers.referer, userAgent: headers['user-agent'] }
  return reply.header(BELIEVED, encodeURIComponent(JSON.stringify(belief)))
}

async function build (trust: Trust, isEncrypted: boolean): Promise<FastifyInstance> {
  const app = Fastify({
    trustProxy: TRUSTS[trust].value,
    // Run before anything else: what `inject` cannot be told is told here.
    rewriteUrl (request) {
      Object.assign(request.socket, { encrypted: isEncrypted })
      if (request.headers.host === EMPTY) request.headers.host = ''
      return request.url!
    },
    frameworkErrors: (error, request, reply) => { testify(request, reply).send(error as never) }
  } as FastifyServerOptions)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onSend', async (request, reply) => { testify(request, reply) })
  await app.register(transport, { hosts: ['app.test', '*.app.test'], allowLoopback: false })
  app.all('/*', () => 'served')
  return app
}

/** Servers with each of the settings, made when they are first asked for. */
export class Witnesses {
  readonly #servers = new Map<string, Promise<FastifyInstance>>()

  /** Hands a request to the server with a setting, and tells what that believed and answered. */
  async ask ({ method, isSecure, path, headers }: CurlRequest, trust: Trust, way: Way): Promise<Testimony> {
    // A proxy speaks http to the application.
    const isEncrypted = isSecure && way === 'direct'
    const key = `${trust} ${isEncrypted}`
    const server = this.#servers.get(key) ?? build(trust, isEncrypted)
    this.#servers.set(key, server)

    const received = forward([...headers.map(([name, value]): [string, string] => [name, value])], way, isSecure)
    const grouped = new Map<string, string[]>([['host', []]])
    for (const [name, value] of received) grouped.set(name.toLowerCase(), [...grouped.get(name.toLowerCase()) ?? [], value])
    if (grouped.get('host')!.every((value) => value === '')) grouped.set('host', [EMPTY])
    const peer = way === 'direct' ? CLIENT : PROXY
    const reply = await (await server).inject({
      method: method as 'GET',
      url: `http://app.test${path}`,
      remoteAddress: peer,
      headers: Object.fromEntries([['user-agent', undefined] as const, ...grouped].map(([name, values]) => [name, values?.length === 1 ? values[0] : values])) as Record<string, string>
    })
    const believed = JSON.parse(decodeURIComponent(String(reply.headers[BELIEVED]))) as Belief
    const code = reply.statusCode < 400 || reply.body === '' ? undefined : reply.json<{ code?: string }>().code
    return { ...believed, status: reply.statusCode, code, location: reply.headers.location, received, peer }
  }

  async close (): Promise<void> {
    await Promise.all([...this.#servers.values()].map(async (server) => (await server).close()))
  }
}
