import { Duplex } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { Planner } from '../../../lib/headers/planner.ts'
import { secureServerOptions, type SecureServerOptions } from '../../../lib/headers/server-options.ts'

class Socket extends Duplex {
  written: string = ''
  encrypted?: boolean
  _httpMessage?: { readonly headersSent: boolean } | null

  constructor (state: { encrypted?: boolean, _httpMessage?: { readonly headersSent: boolean } | null } = {}) {
    super()
    Object.assign(this, state)
  }

  override _read (): void {}

  override _write (chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1')
    done()
  }
}

interface Reply {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly payload: unknown
}

function errorOf (code?: string, statusCode?: number): Error & { code?: string, statusCode?: number } {
  return Object.assign(new Error('SECRET'), code === undefined ? {} : { code }, statusCode === undefined ? {} : { statusCode })
}

function frameworkError (options: SecureServerOptions, error: Error & { code?: string, statusCode?: number }, protocol: string = 'http'): Reply {
  const result: { -readonly [Key in keyof Reply]: Reply[Key] } = { statusCode: 200, headers: {}, payload: undefined }
  options.frameworkErrors(error, { protocol }, {
    code: (status) => { result.statusCode = status },
    headers: (values) => { result.headers = values },
    send: (...payload: unknown[]) => { result.payload = payload[0] }
  })
  return result
}

async function clientError (options: SecureServerOptions, error: Error & { code?: string }, socket: Socket): Promise<string> {
  const isClosed = new Promise((resolve) => socket.on('close', resolve))
  options.clientErrorHandler(error, socket)
  await isClosed
  return socket.written
}

const short = Object.fromEntries(new Planner({}).plan.nonDocument.http.pairs)
const shortSecure = Object.fromEntries(new Planner({}).plan.nonDocument.https.pairs)

t.test('an error of the framework is answered with its status, its code and the headers of a reply that is no document', async (t) => {
  const { statusCode, headers, payload } = frameworkError(secureServerOptions(), errorOf('FST_ERR_BAD_URL', 400))
  t.equal(statusCode, 400)
  t.same(headers, short)
  t.same(payload, { statusCode: 400, code: 'FST_ERR_BAD_URL', error: 'Bad Request', message: 'The address of the request was refused.' })
  t.same(frameworkError(secureServerOptions(), errorOf('FST_ERR_PARAM_LENGTH', 414), 'https').headers, shortSecure)
})

t.test('an error of the framework without a status is a 500', async (t) => {
  t.match(frameworkError(secureServerOptions(), errorOf()), { statusCode: 500, payload: { statusCode: 500, error: 'Internal Server Error' } })
})

t.test('options are those of the plugin', async (t) => {
  t.match(frameworkError(secureServerOptions({ nonDocument: { referrerPolicy: 'origin' } }), errorOf('X', 400)).headers, { 'referrer-policy': 'origin' })
  t.throws(() => secureServerOptions(Object.fromEntries([['nonDocment', {}]])), { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', message: 'Did you mean `nonDocument`?' })
})

const statuses: Array<[code: string | undefined, line: string]> = [
  ['HPE_INVALID_METHOD', 'HTTP/1.1 400 Bad Request'],
  [undefined, 'HTTP/1.1 400 Bad Request'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'HTTP/1.1 408 Request Timeout'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'HTTP/1.1 413 Payload Too Large'],
  ['HPE_HEADER_OVERFLOW', 'HTTP/1.1 431 Request Header Fields Too Large']
]

for (const [code, line] of statuses) {
  t.test(`what the parser of Node refuses is answered: ${code ?? 'an error without a code'}`, async (t) => {
    const text = await clientError(secureServerOptions(), errorOf(code), new Socket())
    const [head, body] = text.split('\r\n\r\n') as [string, string]
    const [status, ...lines] = head.split('\r\n')
    t.equal(status, line)
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
    t.same(headers, { ...short, 'content-type': 'application/json; charset=utf-8', 'content-length': String(body.length), connection: 'close' })
    t.match(JSON.parse(body), { message: 'The request could not be read.' })
    t.notMatch(text, 'SECRET')
  })
}

t.test('a socket that speaks TLS gets the headers of https', async (t) => {
  t.match(await clientError(secureServerOptions(), errorOf(), new Socket({ encrypted: true })), /\r\nstrict-transport-security: max-age=/)
  t.notMatch(await clientError(secureServerOptions(), errorOf(), new Socket({ encrypted: false })), /strict-transport-security/)
})

t.test('a socket is closed when the answer has gone out', async (t) => {
  const socket = new Socket({ _httpMessage: null })
  await clientError(secureServerOptions(), errorOf(), socket)
  t.ok(socket.destroyed)
})

t.test('in the midst of a reply nothing is written', async (t) => {
  const socket = new Socket({ _httpMessage: { headersSent: true } })
  t.equal(await clientError(secureServerOptions(), errorOf(), socket), '')
  t.match(await clientError(secureServerOptions(), errorOf(), new Socket({ _httpMessage: { headersSent: false } })), /^HTTP\/1\.1 400 /)
})

t.test('a socket that is gone is left alone', async (t) => {
  const reset = new Socket()
  secureServerOptions().clientErrorHandler(errorOf('ECONNRESET'), reset)
  const ended = new Socket()
  ended.end()
  secureServerOptions().clientErrorHandler(errorOf(), ended)
  const destroyed = new Socket()
  destroyed.destroy()
  secureServerOptions().clientErrorHandler(errorOf(), destroyed)
  for (const socket of [reset, ended, destroyed]) t.equal(socket.written, '')
})

t.test('property: whatever the code of an error, the answer is one whole reply', async () => {
  const code = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('HPE_INVALID_URL', '\r\n\r\n', 'valueOf', '__proto__'))
  await fc.assert(fc.asyncProperty(code, async (code) => {
    const text = await clientError(secureServerOptions(), errorOf(code), new Socket())
    return text === '' ? code === 'ECONNRESET' : /^HTTP\/1\.1 4\d\d [A-Za-z ]+\r\n(?:[a-z-]+: [\x20-\x7e]+\r\n)+\r\n\{[^\r\n]*\}$/.test(text)
  }), { numRuns: 50 })
})
