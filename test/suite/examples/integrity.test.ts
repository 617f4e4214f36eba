import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build as development } from '../../../docs/examples/integrity/development.ts'
import { build as importMap } from '../../../docs/examples/integrity/import-map.ts'
import { build as inTemplate } from '../../../docs/examples/integrity/in-template.ts'
import { build as integrityPolicy } from '../../../docs/examples/integrity/integrity-policy.ts'
import { build as remoteAsset } from '../../../docs/examples/integrity/remote-asset.ts'
import { build as staticHtml } from '../../../docs/examples/integrity/static-html.ts'
import { build as vite } from '../../../docs/examples/integrity/vite.ts'
import { build as withHeaders } from '../../../docs/examples/integrity/with-headers.ts'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { BLOCKING_INTEGRITY, integrityOf } from '../../../lib/integrity/metadata.ts'
import { examplesOf, inject, startProgram } from './example.ts'

const { folder, compiled, show, nothingLeftOut } = examplesOf('integrity')
const hash = (file: string): string => integrityOf(readFileSync(new URL(file, folder)))

show('quick-start.ts', async (t) => {
  const address = await startProgram(t, compiled('quick-start.js'))
  const page = await (await fetch(address)).text()
  t.match(page, `<link rel="stylesheet" href="/public/page.css" integrity="${hash('public/page.css')}" crossorigin="anonymous">`)
  const served = Buffer.from(await (await fetch(`${address}/public/app.js`)).arrayBuffer())
  t.match(page, `<script src="/public/app.js" integrity="${integrityOf(served)}" crossorigin="anonymous"></script>`)
})

show('with-headers.ts', async (t) => {
  const [page, shared] = await inject(t, await withHeaders(), '/', '/shared')
  const nonces = [...page!.body.matchAll(/ nonce="([\w-]{22})"/g)].map(([, nonce]) => nonce!)
  t.equal(nonces.length, 2)
  t.match(page!.headers['content-security-policy'], `'nonce-${nonces[0]!}' 'strict-dynamic'`)
  t.equal(page!.headers['cache-control'], 'private')
  t.match(shared!.body, `integrity="${hash('public/app.js')}" crossorigin="anonymous" defer>`)
  t.notMatch(shared!.body, 'nonce')
  t.equal(shared!.headers['cache-control'], 'public, max-age=3600')
})

show('in-template.ts', async (t) => {
  const [page] = await inject(t, await inTemplate(), '/')
  t.match(page!.body, `href="/public/page.css" integrity="${hash('public/page.css')}"`)
  t.match(page!.headers['content-security-policy'], `'nonce-${/<script [^>]*nonce="([^"]+)" type="module">/.exec(page!.body)![1]!}'`)
})

show('development.ts', async (t) => {
  const [production] = await inject(t, await development(), '/')
  t.match(production!.body, BLOCKING_INTEGRITY)
  const [thrown] = await inject(t, await development('development'), '/')
  t.match(thrown, { statusCode: 500, body: /BULWARK_ERR_INTEGRITY_ASSET_UNKNOWN/ })
})

show('remote-asset.ts', async (t) => {
  const [page] = await inject(t, await remoteAsset(), '/')
  const lock = JSON.parse(readFileSync(new URL('remote/sri-lock.json', folder), 'utf8')) as { assets: Record<string, { integrity: string }> }
  const [[url, { integrity }]] = Object.entries(lock.assets) as [[string, { integrity: string }]]
  t.match(page!.body, `<script src="${url}" integrity="${integrity}" crossorigin="anonymous" nonce="`)
})

show('lock.ts', async (t) => {
  let text = 'one'
  const server = createServer((_request, response) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end(text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const directory = mkdtempSync(join(tmpdir(), 'lock-'))
  t.teardown(() => {
    server.close()
    rmSync(directory, { recursive: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a@1.2.3.js`
  const file = join(directory, 'sri-lock.json')
  const run = async (...args: string[]): Promise<{ status: number, stderr: string }> => {
    const program = spawn(process.execPath, [compiled('lock.js'), file, ...args], { stdio: ['ignore', 'inherit', 'pipe'] })
    let stderr = ''
    program.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
    const [status] = await once(program, 'close') as [number]
    return { status, stderr }
  }
  t.same(await run(url), { status: 0, stderr: '' })
  t.match(readFileSync(file, 'utf8'), integrityOf(Buffer.from('one')))
  t.same(await run(), { status: 0, stderr: '' })
  text = 'two'
  t.same(await run(), { status: 1, stderr: `changed: ${url}\n` })
  t.same(await run('http://127.0.0.1/latest.js'), { status: 1, stderr: 'unversioned: http://127.0.0.1/latest.js\n' })
  server.close()
  server.closeAllConnections()
  t.same(await run(), { status: 1, stderr: `unavailable (unreachable): ${url}\n` })
})

show('import-map.ts', async (t) => {
  const [page] = await inject(t, await importMap(), '/')
  const [, nonce, map] = /<script type="importmap" nonce="([^"]+)">(.+?)<\/script>/.exec(page!.body)!
  t.same(JSON.parse(map!), { imports: { greet: '/public/lib/greet.js' }, integrity: { '/public/lib/greet.js': hash('public/lib/greet.js') } })
  t.match(page!.headers['content-security-policy'], `'nonce-${nonce!}'`)
})

show('vite.ts', async (t) => {
  const [page] = await inject(t, await vite(), '/')
  const tags = [...page!.body.matchAll(/<(?:script|link)[^>]*? (?:src|href)="([^"]+)" integrity="([^"]+)"/g)].map(([, url, integrity]) => [url, integrity])
  t.same(tags, ['/assets/shared-D2aLm0cX.css', '/assets/shared-BvT4x1kq.js', '/assets/main-C9sKq7Zp.js'].map((url) => [url, hash(`build${url}`)]))
  t.match(page!.body, `"/assets/chart-Bk3nW8eR.js":"${hash('build/assets/chart-Bk3nW8eR.js')}"`, 'what is imported later, too')
})

show('integrity-policy.ts', async (t) => {
  const [first] = await inject(t, await integrityPolicy(1), '/')
  t.equal(first!.headers['integrity-policy-report-only'], 'blocked-destinations=(script), endpoints=(integrity)')
  t.match(first!.headers['reporting-endpoints'], 'integrity="')
  t.notOk('integrity-policy' in first!.headers)
  const [second, map, old] = await inject(t, await integrityPolicy(2), '/', '/map', '/old')
  t.equal(second!.headers['integrity-policy'], 'blocked-destinations=(script), endpoints=(integrity)')
  t.notOk('integrity-policy-report-only' in second!.headers)
  t.equal(map!.headers['integrity-policy'], 'blocked-destinations=(script style)')
  t.notOk('integrity-policy' in old!.headers)
})

show('static-html.ts', async (t) => {
  const [page] = await inject(t, await staticHtml(), '/index.html')
  t.match(page!.headers['content-security-policy'], hashOf("document.body.dataset.ran = 'yes'"))
  t.match(page!.headers['content-security-policy'], hashOf('p { font-weight: bold }'))
})

nothingLeftOut()
