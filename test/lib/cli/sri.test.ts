import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { integrityOf } from '../../../lib/integrity/metadata.ts'
import { plain } from '../../../lib/cli/paint.ts'
import { sri } from '../../../lib/cli/sri.ts'
import { surroundings } from './surroundings.ts'

/** A site whose assets can be changed. */
async function serving (t: Test, assets: Record<string, string>): Promise<string> {
  const server = createServer(({ url }, response) => {
    const text = assets[url!]
    response.writeHead(text === undefined ? 404 : 200, { 'access-control-allow-origin': '*' }).end(text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function run (cwd: string, operands: string[], options: Record<string, string | boolean> = {}): Promise<{ data: any, text: string, exitCode: number }> {
  const { data, text, exitCode } = await sri.run({ options, operands }, surroundings('', cwd))
  return { data, text: text(plain, 400), exitCode }
}

const A = integrityOf(Buffer.from('a'))
const B = integrityOf(Buffer.from('b'))

t.test('the integrity of files and addresses, with the whole tag', async (t) => {
  const folder = t.testdir({ 'a.js': 'a', 'b.css': 'b', '"><x>.js': 'a' })
  const site = await serving(t, { '/a.js': 'a', '/s.css?v=1': 'b' })
  const { data, text, exitCode } = await run(folder, ['a.js', 'b.css', `${site}/a.js`, `${site}/s.css?v=1`, '"><x>.js'])
  t.equal(exitCode, 0)
  t.ok(text.startsWith(`a.js\n  ${A}\n  <script src="a.js" integrity="${A}" crossorigin="anonymous"></script>\n\nb.css\n  ${B}\n  <link rel="stylesheet" href="b.css" integrity="${B}" crossorigin="anonymous">\n\n`))
  t.match(text, `<script src="${site}/a.js" integrity="${A}" crossorigin="anonymous"></script>`)
  t.match(text, `<link rel="stylesheet" href="${site}/s.css?v=1"`)
  t.match(text, '<script src="&quot;&gt;&lt;x&gt;.js"')
  t.same(data.assets[0], { asset: 'a.js', integrity: A, size: 1, tag: `<script src="a.js" integrity="${A}" crossorigin="anonymous"></script>` })
})

t.test('what has no integrity gives a sentence', async (t) => {
  const folder = t.testdir({ sub: {} })
  const site = await serving(t, {})
  await t.rejects(run(folder, []), { message: 'Expected files or https addresses.' })
  await t.rejects(run(folder, ['none.js']), { name: 'CommandError', message: /^none\.js cannot be read \(ENOENT/ })
  await t.rejects(run(folder, ['sub']), { message: /^sub cannot be read \(EISDIR/ })
  await t.rejects(run(folder, [`${site}/none.js`]), { message: `${site}/none.js has no integrity: the status is not 200.` })
  await t.rejects(run(folder, ['http://cdn.test/a.js']), { message: /it is no https address/ })
})

t.test('lock writes what is there, keeps what was there before, and check sees what changes', async (t) => {
  const folder = t.testdir({})
  const assets: Record<string, string> = { '/a@1.2.3.js': 'a', '/b@1.2.3.js': 'b' }
  const site = await serving(t, assets)
  const file = join(folder, 'sri-lock.json')
  const [a, b] = [`${site}/a@1.2.3.js`, `${site}/b@1.2.3.js`]

  const first = await run(folder, ['lock', a])
  t.match(first, { exitCode: 0, data: { file, locked: [{ url: a, state: 'added', integrity: A }], problems: [] }, text: new RegExp(`^added {2}${a.replaceAll('.', '\\.')}\n\n1 in `) })
  const before = readFileSync(file, 'utf8')
  t.match(await run(folder, ['lock', a]), { exitCode: 0, text: /^Nothing has changed\.\n\n1 in / })
  t.equal(readFileSync(file, 'utf8'), before, 'the file is left alone')

  await run(folder, ['lock', b])
  t.match(await run(folder, ['check']), { exitCode: 0, text: /\n\n2 of 2 unchanged\.$/ })

  assets['/a@1.2.3.js'] = 'b'
  delete assets['/b@1.2.3.js']
  const drift = await run(folder, ['check'])
  t.match(drift, { exitCode: 1, data: { assets: [{ url: a, state: 'changed' }, { url: b, state: 'unavailable', problem: 'status' }] } })
  t.match(drift.text, `changed      ${a}: ${A} was locked, ${B} is there\nunavailable  ${b}: the status is not 200\n\n0 of 2 unchanged.`)

  const again = await run(folder, ['lock', a, b])
  t.match(again, { exitCode: 1, data: { locked: [{ url: a, state: 'changed', integrity: B }], problems: [{ url: b, problem: 'status' }] } })
  t.match(again.text, `changed  ${a}\nfailed   ${b}: the status is not 200`)
  t.equal(JSON.parse(readFileSync(file, 'utf8')).assets[b].integrity, B, 'what failed keeps its place')
})

t.test('an address without a version is locked only on purpose, into the file that was named', async (t) => {
  const folder = t.testdir({})
  const site = await serving(t, { '/a.js': 'a' })
  const refused = await run(folder, ['lock', `${site}/a.js`], { file: 'other.json' })
  t.match(refused, { exitCode: 1, text: /^failed {2}.*--allow-unversioned\)\n\n0 in / })
  t.throws(() => readFileSync(join(folder, 'other.json')))
  t.equal((await run(folder, ['lock', `${site}/a.js`], { file: 'other.json', 'allow-unversioned': true })).exitCode, 0)
  t.match(await run(folder, ['check'], { file: 'other.json' }), { exitCode: 0, text: /^unchanged {2}/ })
})

t.test('a lock file that is absent, wrong or empty', async (t) => {
  const folder = t.testdir({})
  await t.rejects(run(folder, ['check']), { name: 'CommandError', message: /^There is no lock file / })
  await t.rejects(run(folder, ['check', 'https://a.test']), { message: 'sri check takes no addresses: it asks for all that is in the lock file.' })
  await t.rejects(run(folder, ['lock']), { message: 'Expected https addresses to lock.' })
  writeFileSync(join(folder, 'sri-lock.json'), '[]')
  await t.rejects(run(folder, ['check']), { code: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID' })
  await t.rejects(run(folder, ['lock', 'https://a.test/a@1.2.3.js']), { code: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID' })
  writeFileSync(join(folder, 'sri-lock.json'), '{ "version": 1, "assets": {} }')
  t.match(await run(folder, ['check']), { exitCode: 0, text: '0 of 0 unchanged.' })
})
