import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { transport, type TransportOptions } from '../../plugins/transport.ts'
import type { RawReply } from './raw-http.ts'

// Over real sockets: what a request can say of its host and its scheme, in bytes that `inject` and client libraries would not send.

export const HOSTS: TransportOptions = { hosts: ['app.test', '*.app.test'] }
export const HTML = 'accept: text/html'
export const FORWARDED = 'x-forwarded-proto: https'

export const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))

/** An application that says what it believes. */
export async function build (server: object = {}, options: TransportOptions = HOSTS): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true, ...server } as FastifyServerOptions) as unknown as FastifyInstance
  await app.register(transport, options)
  app.all('/*', (request, reply) => reply.header('set-cookie', 'session=1').send({ ip: request.ip, host: request.host, protocol: request.protocol }))
  return app
}

/** A request in bytes. Without `host`, there is a Host header of the application. */
export function text ({ line = 'GET /a?b=c HTTP/1.1', host = ['app.test'], more = [] }: { line?: string, host?: readonly string[], more?: readonly string[] }): string {
  return [line, ...host.map((value) => `Host: ${value}`), ...more, 'connection: close', '', ''].join('\r\n')
}

export const codeOf = ({ body }: RawReply): string | undefined => body === '' ? undefined : (JSON.parse(body) as { code?: string }).code?.replace('BULWARK_ERR_TRANSPORT_', '')
