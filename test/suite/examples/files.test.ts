import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { build as documents, type Row } from '../../../docs/examples/files/documents.ts'
import { build as otherKinds } from '../../../docs/examples/files/other-kinds.ts'
import { build as withInput } from '../../../docs/examples/files/with-input.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../../lib/files/form-body.ts'
import { gif, html, pdf, png } from '../../lib/files/samples.ts'
import { examplesOf } from './example.ts'

const { compiled, show, nothingLeftOut } = examplesOf('files')

function folder (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'bulwark-example-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

const post = (app: FastifyInstance, url: string, ...parts: FormPart[]) => app.inject({ method: 'POST', url, headers: { 'content-type': CONTENT_TYPE, accept: 'text/html' }, payload: formBody(...parts) })

show('quick-start.ts', async (t) => {
  const cwd = folder(t)
  const program = spawn(process.execPath, [compiled('quick-start.js')], { cwd, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => program.kill())
  let log = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => { log += text })
  while (!/http:[^"]+:\d+/.test(log)) await once(program.stdout, 'data')
  const origin = /http:[^"]+:\d+/.exec(log)![0]
  const send = async (bytes: Buffer, name: string) => {
    const body = new FormData()
    body.set('avatar', new Blob([bytes]), name)
    return await fetch(`${origin}/avatar`, { method: 'POST', body })
  }
  const stored = await (await send(png(), '../me.png')).json() as { id: string }
  t.match(stored, { id: /^[0-9a-f]{32}\.png$/, name: 'me.png', type: 'png', size: png().length })
  t.same(readdirSync(join(cwd, 'uploads')), [stored.id])
  t.equal((await send(html, 'me.png')).status, 422)
  const shown = await fetch(`${origin}/avatar/${stored.id}`)
  t.equal(shown.headers.get('content-disposition'), 'inline; filename="avatar.png"')
  t.same(Buffer.from(await shown.arrayBuffer()), png())
  t.equal((await fetch(`${origin}/avatar/..%2fquick-start.js`)).status, 404)
})

show('documents.ts', async (t) => {
  const rows: Row[] = []
  const path = folder(t)
  const app = await documents(path, rows)
  t.teardown(() => app.close())
  const reply = await post(app, '/documents', { name: 'note', data: 'hello' }, { name: 'documents', filename: 'a.pdf', data: pdf }, { name: 'documents', filename: 'ü.txt', data: 'x' })
  t.same(reply.json(), { note: 'hello', stored: 2 })
  const found = await app.inject(`/documents/${rows[1]!.id}`)
  t.match(found, { statusCode: 200, body: 'x', headers: { 'content-disposition': "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt", 'content-type': 'text/plain; charset=utf-8' } })
  t.match(await app.inject(`/documents/${rows[0]!.id}`), { headers: { 'content-type': 'application/octet-stream' } })
  t.equal((await app.inject('/documents/none')).statusCode, 404)
  t.same((await post(app, '/fingerprint', { name: 'file', filename: 'a.txt', data: 'hello' })).json(), { md5: '5d41402abc4b2a76b9719d911017c592' })
})

show('other-kinds.ts', async (t) => {
  const app = await otherKinds()
  t.teardown(() => app.close())
  const flac = Buffer.from('fLaC\0\0\0\x22'.padEnd(200, '\0'), 'latin1')
  t.same((await post(app, '/song', { name: 'song', filename: 'a.flac', data: flac })).json(), { type: 'flac', mediaType: 'audio/flac' })
  t.equal((await post(app, '/song', { name: 'song', filename: 'a.mp3', data: flac })).statusCode, 422)
})

show('with-input.ts', async (t) => {
  const path = folder(t)
  const app = await withInput(path)
  t.teardown(() => app.close())
  t.match(await app.inject('/profile'), { statusCode: 200, body: /enctype="multipart\/form-data"[\s\S]*Picture<\/label> <input id="avatar" name="avatar" type="file" required accept="image\/png,/ })
  const saved = (await post(app, '/profile', { name: 'title', data: 'x' }, { name: 'avatar', filename: 'a.png', data: png() }, { name: 'papers', filename: '../b.pdf', data: pdf })).json()
  t.match(saved, { title: 'x', avatar: /^[0-9a-f]{32}\.png$/, papers: ['b.pdf'] })
  t.same(readdirSync(path), [saved.avatar])
  t.match(await post(app, '/profile', { name: 'title', data: 'mine' }, { name: 'avatar', filename: 'a.gif', data: gif() }), { statusCode: 422, body: /value="mine"[\s\S]*<span id="avatar-error">A photograph, please\./ })
})

show('safe-names.ts', async (t) => {
  const { stdout } = spawnSync(process.execPath, [compiled('safe-names.js')], { encoding: 'utf8' })
  t.same(stdout.trim().split('\n'), ['passwd', 'photognp.exe', '_con.txt', 'htaccess', 'file'])
})

nothingLeftOut()
