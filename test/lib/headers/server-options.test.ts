import { PassThrough } from 'node:stream'
import t from 'tap'
import { secureServerOptions } from '../../../lib/headers/server-options.ts'

function refusal (code: string | undefined, properties: object = {}): Promise<string> {
  const socket = Object.assign(new PassThrough(), properties)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  secureServerOptions().clientErrorHandler(Object.assign(new Error('no'), code === undefined ? {} : { code }), socket)
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks).toString())))
}

const table: Array<[what: string, code: string | undefined, line: string]> = [
  ['a malformed request', 'HPE_INVALID_METHOD', 'HTTP/1.1 400 Bad Request'],
  ['an error without a code', undefined, 'HTTP/1.1 400 Bad Request'],
  ['a request that took too long', 'ERR_HTTP_REQUEST_TIMEOUT', 'HTTP/1.1 408 Request Timeout'],
  ['chunk extensions that are too large', 'HPE_CHUNK_EXTENSIONS_OVERFLOW', 'HTTP/1.1 413 Payload Too Large'],
  ['headers that are too large', 'HPE_HEADER_OVERFLOW', 'HTTP/1.1 431 Request Header Fields Too Large']
]
for (const [what, code, line] of table) {
  t.test(`${what} is answered with headers, and the connection closed`, async (t) => {
    const reply = await refusal(code)
    t.ok(reply.startsWith(`${line}\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n`), reply)
    t.match(reply, /\r\nx-content-type-options: nosniff\r\n/)
    t.notMatch(reply, /strict-transport-security/)
    const [head, body] = reply.split('\r\n\r\n')
    t.match(head, new RegExp(`content-length: ${body!.length}\r\nconnection: close$`))
    t.ok(JSON.parse(body!))
  })
}

t.test('over TLS Strict-Transport-Security is there', async (t) => t.match(await refusal('HPE_INVALID_METHOD', { encrypted: true }), /strict-transport-security: max-age=31536000/))

t.test('in the midst of a reply nothing is written', async (t) => t.equal(await refusal('HPE_INVALID_METHOD', { _httpMessage: { headersSent: true } }), ''))

t.test('a reset connection and one that cannot be written to are left alone', async (t) => {
  const { clientErrorHandler } = secureServerOptions()
  const socket = new PassThrough()
  clientErrorHandler(Object.assign(new Error('no'), { code: 'ECONNRESET' }), socket)
  t.equal(socket.readableLength, 0)
  socket.end()
  clientErrorHandler(new Error('no'), socket)
  t.equal(socket.readableLength, 0)
})

t.test('errors of the framework carry headers and a fixed sentence', async (t) => {
  for (const [protocol, error, expected] of [
    ['http', { statusCode: 414, code: 'FST_ERR_MAX_PARAM_LENGTH' }, 414],
    ['https', {}, 500]
  ] as const) {
    const seen: { status?: number, headers?: Record<string, string>, payload?: { message: string } } = {}
    secureServerOptions().frameworkErrors(Object.assign(new Error('/secret'), error), { protocol }, {
      code: (status: number) => { seen.status = status },
      headers: (headers: Record<string, string>) => { seen.headers = headers },
      send: (payload: { message: string }) => { seen.payload = payload }
    } as never)
    t.equal(seen.status, expected)
    t.equal(seen.headers?.['strict-transport-security'] !== undefined, protocol === 'https')
    t.equal(seen.payload?.message, 'The address of the request was refused.')
  }
})

t.test('wrong options are refused as by the plugin', async (t) => {
  t.throws(() => secureServerOptions({ lint: 'never' } as never), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
})
