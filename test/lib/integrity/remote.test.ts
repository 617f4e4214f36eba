import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { parseLock, formatLock } from '../../../lib/integrity/lock.ts'
import { integrityOf } from '../../../lib/integrity/metadata.ts'
import { checkLock, lockAssets } from '../../../lib/integrity/remote.ts'

const hash = (text: string): string => integrityOf(Buffer.from(text))
const OPEN = { 'access-control-allow-origin': '*' }

const RAW = 'HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\nconnection: close\r\n'

/** Another site: what it answers under each path. */
const PATHS: Record<string, RequestListener> = {
  '/a@1.2.3.js': (_request, response) => response.writeHead(200, OPEN).end('a'),
  '/b@1.2.3.js': (_request, response) => response.writeHead(200, { ...OPEN, 'content-encoding': 'gzip' }).end(gzipSync('b')),
  '/echo@1.2.3.js': (request, response) => response.writeHead(200, { 'access-control-allow-origin': request.headers.origin ?? '' }).end('echo'),
  '/latest.js': (_request, response) => response.writeHead(200, OPEN).end('latest'),
  '/0123abcd.js': (_request, response) => response.writeHead(200, OPEN).end('hashed'),
  '/gone@1.2.3.js': (_request, response) => response.writeHead(404, OPEN).end('gone'),
  '/empty@1.2.3.js': (_request, response) => response.writeHead(204, OPEN).end(),
  '/moved@1.2.3.js': (_request, response) => response.writeHead(302, { ...OPEN, location: '/a@1.2.3.js' }).end(),
  '/closed@1.2.3.js': (_request, response) => response.writeHead(200).end('closed'),
  '/broken@1.2.3.js': (_request, response) => {
    response.writeHead(200, { ...OPEN, 'content-length': '100' }).write('broken')
    setTimeout(() => response.destroy(), 20)
  },
  // What `fetch` cannot decode: a body that neither ends nor fails, and a reply that it refuses, which is not to be aborted any more.
  '/garbled@1.2.3.js': (_request, response) => response.socket!.end(`${RAW}content-encoding: gzip\r\n\r\ngarbled`),
  '/coded@1.2.3.js': (_request, response) => response.socket!.end(`${RAW}content-encoding: ${Array(9).fill('gzip').join(', ')}\r\n\r\ncoded`),
  '/silent@1.2.3.js': () => {}
}

async function site (t: Test, answers: Record<string, RequestListener> = PATHS): Promise<string> {
  const server = createServer((request, response) => { answers[request.url!]!(request, response) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('assets are locked by what a browser would have, undone of its coding', async (t) => {
  const url = await site(t)
  const progress: string[] = []
  const { lock, problems } = await lockAssets([`${url}/b@1.2.3.js`, `${url}/a@1.2.3.js`, `${url}/echo@1.2.3.js`, `${url}/0123abcd.js`, `${url}/a@1.2.3.js`], {
    date: '2026-11-25',
    onProgress: (done, total) => progress.push(`${done}/${total}`)
  })
  t.same(problems, [])
  t.same(lock.assets, {
    [`${url}/a@1.2.3.js`]: { integrity: hash('a'), size: 1, date: '2026-11-25' },
    [`${url}/b@1.2.3.js`]: { integrity: hash('b'), size: 1, date: '2026-11-25' },
    [`${url}/echo@1.2.3.js`]: { integrity: hash('echo'), size: 4, date: '2026-11-25' },
    [`${url}/0123abcd.js`]: { integrity: hash('hashed'), size: 6, date: '2026-11-25' }
  })
  t.same(progress, ['1/4', '2/4', '3/4', '4/4'])
  t.same(parseLock(formatLock(lock), 'lock').assets, lock.assets, 'it is a lock file')
})

t.test('what stands against it', async (t) => {
  const url = await site(t)
  const cases: Array<[path: string, problem: string]> = [
    ['/latest.js', 'unversioned'], ['/gone@1.2.3.js', 'status'], ['/empty@1.2.3.js', 'status'], ['/moved@1.2.3.js', 'redirect'], ['/closed@1.2.3.js', 'no-cors'],
    ['/broken@1.2.3.js', 'unreachable'], ['/garbled@1.2.3.js', 'unreachable'], ['/coded@1.2.3.js', 'unreachable'], ['/silent@1.2.3.js', 'unreachable']
  ]
  const { lock, problems } = await lockAssets(['/local.js', 'http://cdn.test/a@1.2.3.js', ...cases.map(([path]) => url + path), 'https://localhost:1/a@1.2.3.js'], { timeout: 1 })
  t.same(lock.assets, {})
  t.same(problems, [
    { url: '/local.js', problem: 'address' },
    { url: 'http://cdn.test/a@1.2.3.js', problem: 'address' },
    ...cases.map(([path, problem]) => ({ url: url + path, problem })),
    { url: 'https://localhost:1/a@1.2.3.js', problem: 'unreachable' }
  ])
  t.match((await lockAssets([`${url}/echo@1.2.3.js`], { maxSize: 3 })).problems, [{ problem: 'too-large' }])
  const { lock: forced } = await lockAssets([`${url}/latest.js`], { allowUnversioned: true })
  t.equal(forced.assets[`${url}/latest.js`]?.integrity, hash('latest'))
  t.equal(forced.assets[`${url}/latest.js`]?.date, new Date().toISOString().slice(0, 10), 'noted is today')
})

t.test('an answer that is not read is given up, even one that somebody else reads', async (t) => {
  const response = new Response('gone', { status: 404 })
  response.body!.getReader()
  t.match((await lockAssets(['https://cdn.test/a@1.2.3.js'], { fetch: async () => response })).problems, [{ problem: 'status' }])
  let isGivenUp = false
  const body = new ReadableStream({ cancel () { isGivenUp = true } })
  t.match((await lockAssets(['https://cdn.test/a@1.2.3.js'], { fetch: async () => new Response(body) })).problems, [{ problem: 'no-cors' }])
  t.ok(isGivenUp)
})

t.test('what was locked before stays, unless it changed', async (t) => {
  let text = 'one'
  const url = await site(t, { '/a@1.2.3.js': (_request, response) => response.writeHead(200, OPEN).end(text), '/b@1.2.3.js': (_request, response) => response.writeHead(500).end() })
  const other = { integrity: hash('other'), size: 5, date: '2020-01-01' }
  const previous = { version: 1, assets: { [`${url}/a@1.2.3.js`]: { integrity: hash('one'), size: 3, date: '2020-01-01' }, [`${url}/b@1.2.3.js`]: other, 'https://c.test/': other } } as const
  const urls = [`${url}/a@1.2.3.js`, `${url}/b@1.2.3.js`]
  const first = await lockAssets(urls, { date: '2026-11-25' }, previous)
  t.same(first.lock.assets, previous.assets)
  text = 'two'
  const second = await lockAssets(urls, { date: '2026-11-25' }, previous)
  t.same(second.lock.assets, { ...previous.assets, [`${url}/a@1.2.3.js`]: { integrity: hash('two'), size: 3, date: '2026-11-25' } })
  t.same(previous.assets[`${url}/a@1.2.3.js`]!.integrity, hash('one'), 'nothing is written into the old one')
})

t.test('drift is told as data, in the order of the file', async (t) => {
  const url = await site(t)
  const asset = (integrity: string): { integrity: string, size: number, date: string } => ({ integrity, size: 1, date: '2026-11-25' })
  const assets = {
    [`${url}/closed@1.2.3.js`]: asset(hash('closed')),
    [`${url}/a@1.2.3.js`]: asset(`${hash('x')} ${hash('a')}`),
    [`${url}/b@1.2.3.js`]: asset(hash('a')),
    [`${url}/echo@1.2.3.js`]: asset(integrityOf(Buffer.from('echo'), 'sha512')),
    [`${url}/0123abcd.js`]: asset(`${hash('hashed')} ${integrityOf(Buffer.from('x'), 'sha512')}`)
  }
  const drifts = await checkLock({ version: 1, assets })
  t.same(drifts.map(({ url, state, problem }) => [new URL(url).pathname, state, problem]), [
    ['/closed@1.2.3.js', 'unavailable', 'no-cors'],
    ['/a@1.2.3.js', 'unchanged', undefined],
    ['/b@1.2.3.js', 'changed', undefined],
    ['/echo@1.2.3.js', 'unchanged', undefined],
    ['/0123abcd.js', 'changed', undefined]
  ])
  t.same(drifts[2], { url: `${url}/b@1.2.3.js`, state: 'changed', locked: asset(hash('a')), found: { integrity: hash('b'), size: 1 } })
})

t.test('another `fetch` may be brought', async (t) => {
  const asked: string[] = []
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url)
    return new Response('a', { headers: OPEN })
  }
  const { lock } = await lockAssets(['https://CDN.test/a@1.2.3.js#fragment'], { fetch })
  t.same(Object.keys(lock.assets), ['https://cdn.test/a@1.2.3.js'])
  t.same(asked, ['https://cdn.test/a@1.2.3.js'])
})
