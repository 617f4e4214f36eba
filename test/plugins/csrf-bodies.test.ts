import fastifyMultipart, { type MultipartFile } from '@fastify/multipart'
import t from 'tap'
import { fixture, OWN } from './csrf-world.ts'

t.test('a strict schema does not see the field', async (t) => {
  const { page, app } = await fixture({}, (app) => {
    app.post('/strict', { schema: { body: { type: 'object', additionalProperties: false, required: ['a'], properties: { a: { type: 'string' } } } } }, (request) => request.body)
  }, { ajv: { customOptions: { removeAdditional: false } } })
  const { token, cookie } = await page()
  for (const headers of [{ origin: 'null', cookie }, { 'sec-fetch-site': 'same-origin' }]) {
    const reply = await app.inject({ method: 'POST', url: '/strict', headers, payload: { a: 'x', _csrf: token } })
    t.equal(reply.statusCode, 200)
    t.same(reply.json(), { a: 'x' })
    t.equal((await app.inject({ method: 'POST', url: '/strict', headers, payload: { a: 'x', b: 1, _csrf: token } })).statusCode, 400)
  }
})

t.test('a body that cannot be changed is no fault of the server', async (t) => {
  const { send, page } = await fixture({}, (app) => {
    app.addContentTypeParser('application/frozen', (_request, payload, done) => {
      payload.resume().on('end', () => done(null, Object.freeze({ _csrf: 'x' })))
    })
  })
  const { cookie } = await page()
  const headers = { cookie, 'content-type': 'application/frozen' }
  t.equal((await send({ headers: { ...headers, origin: OWN }, payload: '{}' })).statusCode, 200)
  t.equal((await send({ headers: { ...headers, origin: 'null' }, payload: '{}' })).statusCode, 403)
})

const BOUNDARY = '----WebKitFormBoundaryABCDEFGHIJKLMNOP'
const multipartHeaders = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

function multipart (...parts: Array<[name: string, value: string, filename?: string]>): string {
  return parts.map(([name, value, filename]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/plain`}\r\n\r\n${value}\r\n`).join('') + `--${BOUNDARY}--\r\n`
}

for (const attachFieldsToBody of [undefined, true, 'keyValues'] as const) {
  t.test(`a multipart form, its fields ${attachFieldsToBody === undefined ? 'read by the handler' : `attached to the body (${String(attachFieldsToBody)})`}`, async (t) => {
    let files = 0
    const { send, page, events } = await fixture({}, async (app) => {
      await app.register(fastifyMultipart, {
        ...attachFieldsToBody === undefined ? {} : { attachFieldsToBody },
        async onFile (part: MultipartFile) {
          files++
          await part.toBuffer()
        }
      })
      app.post('/', async (request) => {
        if (attachFieldsToBody !== undefined) return Object.keys(request.body ?? {})
        const names: string[] = []
        for await (const part of request.parts()) {
          names.push(part.fieldname)
          if (part.type !== 'file') continue
          files++
          await part.toBuffer()
        }
        return names
      })
    })
    const { token, cookie } = await page()
    const headers = { origin: 'null', cookie, ...multipartHeaders }
    const rest: Array<[string, string, string?]> = [['a', '1'], ['file', 'x'.repeat(100_000), 'a.txt']]
    const good = await send({ headers, payload: multipart(['_csrf', token], ...rest) })
    t.equal(good.statusCode, 200)
    t.same(good.json(), ['a', 'file'], 'the field does not reach the handler')
    t.equal(files, 1)
    t.same((await send({ headers: { ...headers, 'x-csrf-token': token }, payload: multipart(['_csrf', 'whatever'], ['a', '1']) })).json(), ['a'])
    t.same((await send({ headers: { 'sec-fetch-site': 'same-origin', ...multipartHeaders }, payload: multipart(['_csrf', token], ['a', '1']) })).json(), ['a'])
    t.same((await send({ headers: { 'sec-fetch-site': 'same-origin', ...multipartHeaders }, payload: multipart(['a', '1'], ['b', '2']) })).json(), ['a', 'b'], 'a form without the field is left alone')
    t.same((await send({ headers, payload: multipart(['_csrf', token]) })).statusCode, 200, 'nothing but the field')
    files = 0
    t.equal((await send({ headers: { ...headers, 'x-csrf-token': 'x' }, payload: multipart(['_csrf', token], ...rest) })).statusCode, 403, 'a header goes before the field')
    const refused: Array<[what: string, payload: string, reason: string]> = [
      ['no field', multipart(...rest), 'token-missing'],
      ['the field behind a file', multipart(...[...rest].reverse(), ['_csrf', token]), 'token-missing'],
      ['the field as a file', multipart(['_csrf', token, 'token.txt'], ...rest), 'token-missing'],
      ['a field of a megabyte', multipart(['_csrf', 'A'.repeat(1_000_000)], ...rest), 'token-missing'],
      ['a wrong one', multipart(['_csrf', token.replace(/^./, (first) => first === 'A' ? 'B' : 'A')], ...rest), 'token-wrong'],
      ['one that is none', multipart(['_csrf', 'x'], ...rest), 'token-malformed'],
      ['a body that is cut off', multipart(['_csrf', token]).slice(0, 100), 'token-missing'],
      ['no body', '', 'token-missing'],
      ['a body of another form', 'a=1', 'token-missing']
    ]
    for (const [what, payload, reason] of refused) {
      events.length = 0
      t.equal((await send({ headers, payload })).statusCode, 403, what)
      t.match(events, [{ reason }], what)
    }
    t.equal(files, 0, 'no file was accepted')
  })
}
