import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { headers, type HeadersOptions } from '../../plugins/headers.ts'

// Over real sockets: what `inject` would hide, and what other plugins and Node itself answer.

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const corpora = new URL('../../../test/corpora/', import.meta.url)
export const key: Buffer = readFileSync(new URL('tls-key.pem', corpora))
export const cert: Buffer = readFileSync(new URL('tls-certificate.pem', corpora))

export const OTHER = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin' }
export const NOT_MODIFIED = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' }
const OURS = new Set([...Object.keys(OTHER), 'content-security-policy-report-only', 'strict-transport-security', 'x-frame-options', 'cross-origin-opener-policy', 'permissions-policy', 'origin-agent-cluster'])
export const DOCUMENT: readonly string[] = [...OURS].filter((name) => name !== 'strict-transport-security' && name !== 'content-security-policy-report-only').sort()

export const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))

export function written (answer: Answer): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).filter(([name]) => OURS.has(name)))
}

export function nonceOf (answer: Answer): string | undefined {
  return /'nonce-([^']+)'/.exec(answer.headers['content-security-policy'] ?? '')?.[1]
}

export const nonced = (request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`)

export async function listen (t: Test, app: { listen (options: object): Promise<string>, close (): Promise<unknown>, server: { address (): AddressInfo | string | null } }): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

export async function serve (t: Test, routes: (app: FastifyInstance) => unknown, options: HeadersOptions = {}, server: FastifyServerOptions = {}): Promise<number> {
  const app = Fastify({ forceCloseConnections: true, ...server })
  await app.register(headers, options)
  await routes(app)
  return listen(t, app)
}

/** One request on a connection of its own. A header that came twice is an error. */
export function ask (port: number, path: string, options: http.RequestOptions & { body?: string, secure?: boolean } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, secure = false, ...rest } = options
    const request = (secure ? https : http).request({ host: '127.0.0.1', port, path, agent: false, ...secure ? { ca: cert, servername: 'localhost' } : {}, ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('error', reject)
      response.on('end', () => {
        const names = response.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
        if (new Set(names).size < names.length) reject(new Error(`a header is there twice: ${names.join()}`))
        resolve({ status: response.statusCode!, headers: response.headers as Record<string, string>, body: text })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes as they are and gives back what comes until the connection ends. */
export function raw (port: number, text: string): Promise<string> {
  return read(net.connect(port, '127.0.0.1'), text)
}

export function read (socket: net.Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => { received += chunk })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.write(text, 'latin1')
  })
}

export function parse (text: string): Answer {
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  return { status: Number(status.split(' ')[1]), headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])), body: body.join('\r\n\r\n') }
}
