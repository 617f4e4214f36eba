import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import view from '@fastify/view'
import websocket from '@fastify/websocket'
import { Eta } from 'eta'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { headers, secureServerOptions } from 'fastify-bulwark/headers'
import { integrity } from 'fastify-bulwark/integrity'
import { folder } from './folder.ts'
import { home } from './home.ts'
import { LiveHeaders } from './live-headers.ts'
import { rooms } from './rooms.ts'

/** What to tell a visitor whose request was refused. */
const REFUSALS: Readonly<Record<number, string>> = {
  413: 'What was sent is larger than this site accepts.',
  414: 'The address is longer than this site accepts.',
  415: 'What was sent is of a kind that this site does not read.'
}

interface Options {
  readonly logger?: boolean
  readonly port?: number
  /** The key and the certificate, for https. */
  readonly https?: { readonly key: string, readonly cert: string }
}

/** The demonstration as a Fastify application that does not listen yet. */
export async function build ({ logger = false, port = 3000, https }: Options = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({ logger: logger && { level: 'warn' }, ...secureServerOptions(), ...https && { https } })
  const live = new LiveHeaders()
  const files = fileURLToPath(new URL('public/', folder))

  // Before the rooms, whose routes it collects.
  await app.register(swagger, { openapi: { info: { title: 'The demonstration of fastify-bulwark', version: '0.1.0' } } })
  // For all rooms, although one alone opens a WebSocket: it takes the connection of every request for another protocol, and would leave those of the others open.
  await app.register(websocket)
  await app.register(headers)
  await app.register(integrity, { roots: [{ root: files, prefix: '/public/' }], integrityPolicy: {} })
  await app.register(view, { engine: { eta: new Eta() }, root: fileURLToPath(new URL('views/', folder)), layout: 'layout.eta', defaultContext: { rooms, assets: app.integrity } })
  await app.register(fastifyStatic, { root: files, prefix: '/public/' })

  app.setNotFoundHandler((_request, reply) => reply.code(404).view('message.eta', {
    title: 'There is nothing here',
    message: 'The address leads nowhere. Even so, this page carries the same headers as every other page.',
    liveId: live.remember(reply)
  }))
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { statusCode = 500 } = error
    const refused = statusCode >= 400 && statusCode < 500
    if (!refused) request.log.error(error)
    return reply.code(refused ? statusCode : 500).view('message.eta', {
      title: refused ? 'This request was refused' : 'Something went wrong',
      message: refused
        ? REFUSALS[statusCode] ?? 'The server could not make sense of what was sent.'
        : 'An error was thrown while the reply was being made. Its details went to the log and not to you, and this page carries the same headers as every other page.',
      liveId: live.remember(reply)
    })
  })

  live.serve(app)
  app.get('/openapi.json', () => app.swagger())
  for (const { register } of [{ register: home }, ...rooms]) await app.register(register, { live, port })
  return app
}

/** Serves the demonstration, by default for this machine only. */
export async function start ({ port, host = 'localhost' }: { port: number, host?: string }): Promise<FastifyInstance> {
  const app = await build({ logger: true, port })
  await app.listen({ port, host })
  console.log(`The demonstration of fastify-bulwark is at http://${host}:${(app.server.address() as AddressInfo).port}`)
  return app
}
