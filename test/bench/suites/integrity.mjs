import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FILES = 1000
const FILE_SIZE = 4096
const TAGS = 10

const folder = join(tmpdir(), `fastify-bulwark-bench-integrity-${FILES}x${FILE_SIZE}`)

// Made when the suite is loaded to be measured, so that no start is charged for it, and left there for the next run.
const isMeasured = process.argv[1]?.endsWith('bench/run.mjs')
if (isMeasured) mkdirSync(folder, { recursive: true })
if (isMeasured && readdirSync(folder).length < FILES) {
  for (let index = 0; index < FILES; index++) writeFileSync(join(folder, `file-${index}.js`), `// ${index}\n`.padEnd(FILE_SIZE, 'text '))
}

const urls = Array.from({ length: TAGS }, (_, index) => `/public/file-${index}.js`)
const integrityOf = file => `sha384-${createHash('sha384').update(readFileSync(join(folder, file))).digest('base64')}`
const roots = [{ root: folder, prefix: '/public/' }]
const NONCE = 'bm9uY2Utb2YtMTYtYnl0ZX'

const byHand = nonce => {
  const tags = urls.map(url => `<script src="${url}" integrity="${integrityOf(url.slice('/public/'.length))}" crossorigin="anonymous"${nonce}></script>`)
  return () => tags.join('')
}
const PAGE = '<!doctype html><html lang="en"><title>Page</title>'

// Every page has the same ten tags and the same bytes; the bare ones have them as a text.
const kinds = [
  { name: 'tags', nonce: '', ours: app => () => urls.map(url => app.integrity.scriptTag(url)).join('') },
  {
    name: 'tags-for-request',
    nonce: ` nonce="${NONCE}"`,
    ours: app => request => {
      const tags = app.integrity.for(request)
      return urls.map(url => tags.scriptTag(url)).join('')
    }
  },
  { name: 'policy', nonce: '', options: { integrityPolicy: {} }, ours: () => byHand('') }
]

export const rows = kinds.flatMap(kind => [false, true].map(isOurs => ({
  name: `${kind.name}/${isOurs ? 'ours' : 'bare'}`,
  base: `${kind.name}/bare`,
  request: { path: '/', headers: { accept: 'text/html' } },
  plugin: isOurs ? 'fastify-bulwark/integrity' : undefined,
  async setup (app, plugin) {
    app.decorateRequest('cspNonce', NONCE)
    if (plugin) await app.register(plugin.default, { roots, ...kind.options })
    const tags = isOurs ? kind.ours(app) : byHand(kind.nonce)
    app.get('/', async (request, reply) => {
      reply.type('text/html; charset=utf-8')
      return PAGE + tags(request)
    })
  }
})))

// What has to be done in any case: a thousand files are read and hashed, in a row.
export const starts = [
  {
    name: 'start/hashes-alone',
    base: 'start/hashes-alone',
    setup () { for (const file of readdirSync(folder)) integrityOf(file) }
  },
  {
    name: 'start/ours',
    base: 'start/hashes-alone',
    plugin: 'fastify-bulwark/integrity',
    async setup (app, plugin) { await app.register(plugin.default, { roots }) }
  }
]

export const goals = [
  { name: 'ten tags of everybody: ours to bare', row: 'tags/ours', least: 0.80 },
  { name: 'ten tags with a nonce: ours to bare', row: 'tags-for-request/ours', least: 0.75 },
  { name: 'Integrity-Policy: ours to bare', row: 'policy/ours', least: 0.90 },
  { name: 'start with 1,000 files: ours to their hashes alone', row: 'start/ours', least: 0.75 }
]
