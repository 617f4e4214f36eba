import { readFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import type { Test } from 'tap'

// Requests as bytes, and replies as they come: what a client library would correct, refuse or hide.

const corpora = new URL('../../../test/corpora/', import.meta.url)

/** A key and a certificate for localhost and 127.0.0.1, for tests only. */
export const key: Buffer = readFileSync(new URL('tls-key.pem', corpora))
export const cert: Buffer = readFileSync(new URL('tls-certificate.pem', corpora))

/** A reply as it came. */
export interface RawReply {
  readonly status: number
  /** Names in lower case; of several with one name, all. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
}

/** Listens on a free port of this machine until the test ends. */
export async function listen (t: Test, app: { listen (options: object): Promise<string>, close (): Promise<unknown>, server: { address (): AddressInfo | string | null } }, host = '127.0.0.1'): Promise<number> {
  await app.listen({ port: 0, host })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

/** Sends bytes and gives back what comes until the connection ends, which the request must ask for. */
export function exchange (socket: net.Socket, text: string): Promise<RawReply> {
  return new Promise((resolve) => {
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      received += chunk
      // A WebSocket does not end by itself.
      if (received.startsWith('HTTP/1.1 101 ')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(parse(received)))
    socket.write(text, 'latin1')
  })
}

export function plain (port: number, text: string, host = '127.0.0.1'): Promise<RawReply> {
  return exchange(net.connect(port, host), text)
}

export function secure (port: number, text: string): Promise<RawReply> {
  return exchange(tls.connect({ host: '127.0.0.1', port, ca: cert, servername: 'localhost' }), text)
}

function parse (text: string): RawReply {
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  const headers: Record<string, string[]> = {}
  for (const line of lines) (headers[line.slice(0, line.indexOf(':')).toLowerCase()] ??= []).push(line.slice(line.indexOf(':') + 2))
  return { status: Number(status.split(' ')[1]), headers, body: body.join('\r\n\r\n') }
}
