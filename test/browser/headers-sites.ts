import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { headers, type HeadersOptions } from 'fastify-bulwark/headers'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { makeCertificate } from './certificate.ts'

// Sites that attack themselves, and what a visitor sees of it.

/** What the test reads of a `securitypolicyviolation` event, or of a report. */
export interface Violation {
  readonly directive: string
  readonly blocked: string
  readonly disposition: string
}

export interface Site {
  readonly app: FastifyInstance
  readonly url: string
  readonly requests: string[]
  readonly reports: Violation[]
}

const { key, cert, fingerprint: own } = makeCertificate()
export const fingerprint: string = own

/** First in each page: an array for the attacks to write to, and one for what the browser says. */
const WATCH = `
window.ran = []
window.violations = []
addEventListener('message', ({ data }) => ran.push(data))
document.addEventListener('securitypolicyviolation', (event) => violations.push({
  directive: event.effectiveDirective, blocked: event.blockedURI, disposition: event.disposition
}))`

/** Of this site, so that no policy minds; without it the browser looks for one. */
export const ICON = '<link rel="icon" href="/icon.svg">'

export function html (request: FastifyRequest, body: string): string {
  return `<!doctype html><html lang="en"><title>page</title>${ICON}<script nonce="${request.cspNonce}">${WATCH}</script><body>${body}`
}

export async function listen (t: Test, app: FastifyInstance): Promise<Site> {
  const requests: string[] = []
  const reports: Violation[] = []
  app.addHook('onRequest', (request, _reply, next) => {
    requests.push(request.url)
    next()
  })
  app.addContentTypeParser(['application/csp-report', 'application/reports+json'], { parseAs: 'string' }, (_request, body, done) => done(null, JSON.parse(String(body))))
  app.post('/reports', (request, reply) => {
    reports.push(...violationsIn(request.body))
    reply.code(204).send()
  })
  app.get('/icon.svg', (_request, reply) => reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  // A browser keeps its connections, and a test does not wait for them.
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const scheme = app.initialConfig.https === undefined ? 'http' : 'https'
  return { app, url: `${scheme}://127.0.0.1:${(app.server.address() as AddressInfo).port}`, requests, reports }
}

interface OldReport { 'csp-report': { 'effective-directive': string, 'blocked-uri': string, disposition: string } }
type NewReports = Array<{ body: { effectiveDirective: string, blockedURL: string, disposition: string } }>

/** The two shapes of reports: the one that `report-uri` gets, and the one that `report-to` gets. */
function violationsIn (body: unknown): Violation[] {
  if (Array.isArray(body)) {
    return (body as NewReports).map(({ body }) => ({ directive: body.effectiveDirective, blocked: body.blockedURL, disposition: body.disposition }))
  }
  const report = (body as OldReport)['csp-report']
  return [{ directive: report['effective-directive'], blocked: report['blocked-uri'], disposition: report.disposition }]
}

export async function site (t: Test, options: HeadersOptions, routes: (app: FastifyInstance) => void, { https = false }: { https?: boolean } = {}): Promise<Site> {
  const app: FastifyInstance = https ? Fastify({ https: { key, cert } }) as unknown as FastifyInstance : Fastify()
  await app.register(headers, { lint: 'off', ...options })
  routes(app)
  return listen(t, app)
}

/** Another site, to a browser: its script and its frame write to the array of the page. */
export async function stranger (t: Test): Promise<Site> {
  const app = Fastify()
  app.get('/script.js', (_request, reply) => reply.type('text/javascript').send("ran.push('attack')"))
  app.get('/frame', (_request, reply) => reply.type('text/html').send("<!doctype html><script>parent.postMessage('attack', '*')</script>"))
  app.get<{ Querystring: { page: string } }>('/framing', (request, reply) => reply.type('text/html').send(
    `<!doctype html>${ICON}<script>ran = []; addEventListener('message', ({ data }) => ran.push(data))</script><iframe src="${request.query.page}"></iframe>`
  ))
  return listen(t, app)
}

interface Attack {
  readonly name: string
  readonly body: (other: Site, nonce: string) => string
  readonly act?: (page: Page) => Promise<void>
  readonly directive: string
  readonly blocked: (other: Site) => string
  /** What must not be asked of the stranger. */
  readonly asks?: string
}

const inline = (): string => 'inline'

export const ATTACKS: readonly Attack[] = [
  {
    name: 'an injected inline script',
    body: () => "<script>ran.push('attack')</script>",
    directive: 'script-src-elem',
    blocked: inline
  },
  {
    name: 'an inline handler',
    body: () => "<button onclick=\"ran.push('attack')\">Press</button>",
    act: (page) => page.click('button'),
    directive: 'script-src-attr',
    blocked: inline
  },
  {
    name: 'eval',
    body: (_other, nonce) => `<script nonce="${nonce}">try { eval("ran.push('attack')") } catch {}</script>`,
    directive: 'script-src',
    blocked: () => 'eval'
  },
  {
    name: 'a javascript: address',
    body: () => "<a href=\"javascript:void ran.push('attack')\">Follow</a>",
    act: (page) => page.click('a'),
    directive: 'script-src-elem',
    blocked: inline
  },
  {
    name: 'a foreign script',
    body: ({ url }) => `<script src="${url}/script.js"></script>`,
    directive: 'script-src-elem',
    blocked: ({ url }) => `${url}/script.js`,
    asks: '/script.js'
  },
  {
    name: 'a foreign page in a frame',
    body: ({ url }) => `<iframe src="${url}/frame"></iframe>`,
    directive: 'frame-src',
    // The address of a frame is the frame's secret.
    blocked: ({ url }) => url,
    asks: '/frame'
  }
]

export const REPORT_URI = { set: { 'report-uri': ['/reports'] } } as const

export async function until (condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`There was no ${what} within 15 seconds.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Playwright's `waitForFunction` looks again by `eval` in the page, which is what the policy is there to forbid. */
export async function waitFor (page: Page, expression: string): Promise<void> {
  await until(() => page.evaluate<boolean>(expression), expression)
}

/** A page of a visitor who has never been here. */
export async function visit (t: Test, browser: Browser): Promise<{ page: Page, messages: string[] }> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const messages: string[] = []
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => messages.push(`thrown: ${error.message}`))
  return { page, messages }
}
