import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { openDatabase } from '../../docs/demo/database.ts'
import { build } from '../../docs/examples/from-flask/app.ts'
import type { Site } from '../../docs/examples/from-flask/site.ts'
import { generateKey } from '../../lib/keys.ts'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { cert, key, listen } from './raw-http.ts'

export const root: URL = new URL('../../../', import.meta.url)
export const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
export const article: string = read('docs/from-flask.md')
export const examples = 'docs/examples/from-flask/'

export const ORIGIN = 'https://app.example'
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const JSON_TYPE = { 'content-type': 'application/json' }
export const PAGE = { accept: 'text/html' }
export const OWN = { 'sec-fetch-site': 'same-origin' }

// ---- the application, on two ports

export interface Reply { readonly status: number, readonly headers: IncomingHttpHeaders, readonly body: string }
interface Ask { readonly method?: string, readonly headers?: Readonly<Record<string, string>>, readonly body?: string | Buffer }

interface World {
  readonly site: Site
  readonly secure: number
  readonly plain: number
  readonly passwords: Map<string, string>
}

/** One reply, over https unless `port` is that of plain http. Redirects are not followed. */
export function ask ({ secure }: World, url: string, { method = 'GET', headers = {}, body }: Ask = {}, port: number = secure): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url, method, headers: { host: 'app.example', connection: 'close', ...headers } }
    const request = port === secure ? httpsRequest({ ...options, ca: cert, servername: 'localhost' }) : httpRequest(options)
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }))
    })
    request.end(body)
  })
}

/** A browser: it keeps cookies, and says that requests come from the own pages. */
export class Browser {
  readonly jar: Map<string, string> = new Map()
  readonly #world: World

  constructor (world: World) {
    this.#world = world
  }

  async send (url: string, { headers = {}, ...given }: Ask = {}): Promise<Reply> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await ask(this.#world, url, { ...given, headers: { ...OWN, ...headers, ...cookie !== '' && { cookie } } })
    for (const text of reply.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!
      if (text.includes('Max-Age=0')) this.jar.delete(name!)
      else this.jar.set(name!, value!)
    }
    return reply
  }

  async post (url: string, values: Record<string, string>): Promise<Reply> {
    return await this.send(url, { method: 'POST', headers: FORM, body: new URLSearchParams(values).toString() })
  }

  async signIn (more: Record<string, string> = {}): Promise<Reply> {
    return await this.post('/login', { name: 'Anna', password: 'plum umbrella fence', ...more })
  }
}

export const folder: string = await mkdtemp(join(tmpdir(), 'article-'))
t.teardown(() => rm(folder, { recursive: true }))
export const world: World = await start()

async function start (): Promise<World> {
  const database = openDatabase()
  t.teardown(() => database.close())
  const passwords = new Map([['1', 'plum umbrella fence']])
  const site: Site = {
    origin: ORIGIN,
    keys: { session: [generateKey()], csrf: [generateKey()] },
    store: memoryStore(),
    uploads: folder,
    database: { all: (sql, values) => database.all(sql, values as string[]) },
    users: {
      signIn: async (name, password) => name === 'Anna' && passwords.get('1') === password ? '1' : undefined,
      isPassword: async (id, password) => passwords.get(id) === password,
      changePassword: async (id, password) => { passwords.set(id, password) }
    }
  }
  const on = async (app: FastifyInstance): Promise<number> => await listen(t, app)
  return { site, passwords, secure: await on(await build({ ...site, tls: { key, cert } })), plain: await on(await build(site)) }
}

export const cookieIn = (reply: Reply, name: string): string => (reply.headers['set-cookie'] ?? []).find((text) => text.startsWith(`${name}=`)) ?? ''
export const fieldIn = (page: string, name: string): string => new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(page)?.[1] ?? ''
export const policyOf = ({ headers }: Reply): string => String(headers['content-security-policy'])
