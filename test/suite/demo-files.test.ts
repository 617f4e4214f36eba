import t from 'tap'
import { FILE_SAMPLES } from '../../docs/demo/file-samples.ts'
import { build } from '../../docs/demo/server.ts'
import { CONTENT_TYPE, formBody } from '../lib/files/form-body.ts'

const app = await build()
t.teardown(() => app.close())

const send = (filename: string, data: Buffer | string) => app.inject({ method: 'POST', url: '/files', headers: { 'content-type': CONTENT_TYPE, accept: 'text/html' }, payload: formBody({ name: 'note', data: 'my note' }, { name: 'file', filename, data, type: 'image/png' }) })

const expected: Readonly<Record<string, string>> = {
  'picture.png': 'png',
  'note.txt': 'txt',
  'page.html': 'html',
  'page.png': 'fileExtension',
  'drawing.svg': 'svg',
  'feed.xml': 'xml',
  'paper.pdf': 'pdf',
  'both.gif': 'gif',
  'tail.png': 'fileDamaged',
  'flood.png': 'filePixels'
}

t.same(FILE_SAMPLES.map(({ name }) => name), Object.keys(expected))

for (const { name, bytes } of FILE_SAMPLES) {
  t.test(`${name}: ${expected[name]}`, async (t) => {
    const saved = await app.inject(`/files/samples/${name}`)
    t.match(saved.headers, { 'content-disposition': `attachment; filename="${name}"`, 'content-type': 'application/octet-stream' })
    t.same(saved.rawPayload, bytes)
    const reply = await send(name, bytes)
    if (expected[name]!.startsWith('file')) {
      t.match(reply, { statusCode: 422, body: `<code>${expected[name]}</code>` })
      t.match(reply.body, 'aria-invalid="true" aria-describedby="file-error"')
      t.match(reply.body, 'value="my note"')
      return
    }
    t.match(reply, { statusCode: 200, body: `<code>${expected[name]}</code>` })
    t.match(reply.body, '<code>my note</code>')
    const [, link] = /id="download" href="([^"]+)"/.exec(reply.body)!
    for (const url of [link!, `${link}/show`]) {
      const file = await app.inject(url)
      t.match(file.headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cross-origin-resource-policy': 'same-origin' })
      t.equal(String(file.headers['content-disposition']).startsWith('inline'), url.endsWith('show') && ['png', 'txt', 'gif'].includes(expected[name]!), url)
      t.same(file.rawPayload, bytes)
    }
  })
}

t.test('what is wrong with the form is said on the page', async (t) => {
  t.match(await send('', ''), { statusCode: 422, body: 'No file was chosen.' })
  t.match(await send('a.txt', 'a'.repeat(1_000_001)), { statusCode: 413, body: 'Choose a file of at most 1 MB.' })
  t.match(await app.inject({ method: 'POST', url: '/files', headers: { 'content-type': CONTENT_TYPE }, payload: 'x' }), { statusCode: 400, body: 'could not make sense' })
  t.match(await app.inject({ method: 'POST', url: '/files', headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }, payload: 'file=a.png' }), { statusCode: 422, body: 'Choose a file.' })
  t.match(await app.inject({ method: 'POST', url: '/files', payload: {} }), { statusCode: 415 })
})

t.test('names are shown as text', async (t) => {
  t.match(await send('<img src=x onerror=alert(1)>.txt', 'x'), { statusCode: 200, body: '&lt;img src=x' })
})

t.test('the oldest file makes room, and what is not there is not found', async (t) => {
  const first = /id="download" href="([^"]+)"/.exec((await send('a.txt', 'first')).body)![1]!
  for (let count = 0; count < 20; count++) await send('a.txt', `${count}`)
  for (const url of [first, `${first}/show`, '/files/samples/none']) t.equal((await app.inject(url)).statusCode, 404, url)
})
