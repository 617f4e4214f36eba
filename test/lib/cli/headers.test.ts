import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../browser/certificate.ts'
import { headers } from '../../../lib/cli/headers.ts'
import { plain } from '../../../lib/cli/paint.ts'
import { surroundings } from './surroundings.ts'

const certificate = makeCertificate()

async function serving (t: Test, listener: RequestListener, isSecure: boolean = false): Promise<string> {
  const server = isSecure ? createSecureServer(certificate, listener) : createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `${isSecure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Data {
  readonly replies: ReadonlyArray<{ readonly url: string, readonly method: string, readonly status: number }>
  readonly headers: ReadonlyArray<{ readonly name: string, readonly value: string, readonly means: string | null }>
  readonly observatory: { readonly score: number | null, readonly grade: string | null, readonly tests: ReadonlyArray<{ readonly test: string, readonly result: string | null }> }
}

async function run (url: string, options: Record<string, string | boolean> = {}): Promise<{ data: Data, text: string, exitCode: number }> {
  const { data, text, exitCode } = await headers.run({ options, operands: [url] }, surroundings())
  return { data: data as Data, text: text(plain, 120), exitCode }
}

const resultOf = ({ observatory }: Data, name: string): string | null => observatory.tests.find(({ test }) => test === name)!.result

t.test('each header, what it does, what is missing, and a grade', async (t) => {
  const url = await serving(t, (_request, response) => response.writeHead(200, { 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'set-cookie': 'sid=hunter2; Secure', 'x-other': 'a\tb' }).end())
  const { data, text, exitCode } = await run(url)
  t.equal(exitCode, 0, 'it tells, and fails only when it is asked to')
  t.match(text, /^x-frame-options: DENY\n {4}Says who may show the page in a frame/m)
  t.match(text, /^medium +nosniff-missing /m)
  t.match(text, /^x-frame-options +0 +x-frame-options-sameorigin-or-deny$/m)
  t.match(text, /^referrer-policy +\+5 +referrer-policy-private$/m)
  t.match(text, /^subresource-integrity +0 +sri-not-implemented-response-not-html$/m)
  t.match(text, /\n\nGrade D, 30 points\.$/)
  t.match(text, 'sid=…; Secure')
  t.notMatch(JSON.stringify(data) + text, 'hunter2')
  t.match(data.headers.find(({ name }) => name === 'x-other'), { value: 'a\tb', means: null })
  t.match(text, 'x-other: a\\u{9}b')
})

t.test('redirects are shown, and one without an end is told', async (t) => {
  const url = await serving(t, ({ url }, response) => response.writeHead(302, { location: url === '/loop' ? '/loop' : '/there' }).end())
  const { text, data } = await run(`${url}/loop`)
  t.match(text, /^http:\/\/127\.0\.0\.1:\d+\/loop 302 \(HEAD\) to \/loop$/m)
  t.match(text, /^Stopped after 10 redirects\.$/m)
  t.equal(data.replies.length, 11)
})

t.test('over https, with a certificate of our own and the address over plain http beside it', async (t) => {
  const secure = await serving(t, (_request, response) => response.writeHead(200, { 'strict-transport-security': 'max-age=31536000', 'content-type': 'text/html' }).end(), true)
  const plainUrl = await serving(t, (_request, response) => response.writeHead(301, { location: secure }).end())
  await t.rejects(run(secure), { message: /certificate/ })
  const { data } = await run(secure, { insecure: true, http: plainUrl })
  t.equal(resultOf(data, 'redirection'), 'redirection-invalid-cert')
  t.equal(resultOf(data, 'strict-transport-security'), 'hsts-invalid-cert')
  t.equal(resultOf(data, 'subresource-integrity'), null)
  t.equal(resultOf((await run(secure, { insecure: true })).data, 'redirection'), null, 'a port says nothing about the port of plain http')
  t.equal(resultOf((await run(plainUrl, { insecure: true })).data, 'redirection'), 'redirection-invalid-cert', 'an address over http is its own route')
  await t.rejects(run(secure, { insecure: true, http: secure }), { message: '--http expects an address of http.' })
})

t.test('nobody answers over plain http', async (t) => {
  const secure = await serving(t, (_request, response) => response.end(), true)
  const { data } = await run(secure, { insecure: true, http: 'http://nobody.invalid' })
  t.equal(resultOf(data, 'redirection'), 'redirection-not-needed-no-http')
})

t.test('a preflight request is made, and may go unanswered', async (t) => {
  const open = await serving(t, ({ headers: { origin } }, response) => response.writeHead(200, origin === undefined ? {} : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }).end())
  t.equal(resultOf((await run(open)).data, 'cross-origin-resource-sharing'), 'cross-origin-resource-sharing-implemented-with-universal-access')
  const mute = await serving(t, ({ method, socket }, response) => method === 'OPTIONS' ? socket.destroy() : response.end())
  t.equal(resultOf((await run(mute)).data, 'cross-origin-resource-sharing'), null)
})

t.test('a status that is no page has no grade', async (t) => {
  const url = await serving(t, (_request, response) => response.writeHead(404).end())
  const { text, data, exitCode } = await run(url, { min: 'F' })
  t.match(text, /\nNo grade: the status is 404\.$/)
  t.match(data.observatory, { score: null, grade: null })
  t.equal(exitCode, 1)
})

const limits: Array<[options: Record<string, string>, exitCode: number]> = [
  [{ min: 'F' }, 0],
  [{ min: 'a+' }, 1],
  [{ min: '10' }, 0],
  [{ min: '85' }, 1],
  [{ 'fail-on': 'high' }, 0],
  [{ 'fail-on': 'low' }, 1]
]
for (const [options, exitCode] of limits) {
  t.test(`${JSON.stringify(options)} on a bare server gives ${exitCode}`, async (t) => {
    t.equal((await run(await serving(t, (_request, response) => response.end()), options)).exitCode, exitCode)
  })
}

t.test('what cannot be understood is refused before anything is asked', async (t) => {
  for (const [options, message] of [[{ min: 'E' }, /^--min expects a grade or a number of points: did you mean/], [{ timeout: '0' }, /^--timeout/], [{ 'fail-on': 'bad' }, /^--fail-on/]] as const) {
    await t.rejects(run('http://127.0.0.1:1/', options), { name: 'CommandError', message })
  }
})
