import t, { type Test } from 'tap'
import { kBody, splitRoutes } from '../../../lib/input/route-methods.ts'

const schema = { body: { type: 'object' }, querystring: { type: 'object' } }
const { body, ...others } = schema

interface Fake {
  readonly declared: unknown[]
  readonly supportedMethods: readonly string[]
  route (options: unknown, handler?: unknown): unknown
  get (url: unknown, options: unknown, handler?: unknown): unknown
  head (url: unknown, options: unknown, handler?: unknown): unknown
  trace (url: unknown, options: unknown, handler?: unknown): unknown
  all (url: unknown, options: unknown, handler?: unknown): unknown
}

function make (): Fake {
  const shorthand = (name: string) => function (this: Fake, ...given: unknown[]) { this.declared.push([name, ...given]) }
  const app: Fake = { declared: [], supportedMethods: Object.freeze(['GET', 'POST']), route (...given) { this.declared.push(...given) }, get: shorthand('get'), head: shorthand('head'), trace: shorthand('trace'), all: shorthand('all') }
  splitRoutes(app)
  return app
}

/** What is declared, the fields without a value left out. */
function same (t: Test, { declared }: Fake, expected: unknown[], title: string): void {
  t.same(declared, expected, title)
}

t.test('a route of several methods', async (t) => {
  const rows: Array<[title: string, options: unknown, expected: unknown[]]> = [
    ['one with a form is declared as two', { method: ['get', 'POST', 'PUT'], url: '/', schema, form: {} }, [{ method: ['POST', 'PUT'], url: '/', schema, form: {} }, { method: ['get'], url: '/', schema: others, form: {}, [kBody]: body }]],
    ['one of GET alone keeps its schema aside', { method: 'GET', url: '/', schema, form: {} }, [{ method: ['GET'], url: '/', schema: others, form: {}, [kBody]: body }]],
    ['one of POST alone stays', { method: 'POST', url: '/', schema, form: {} }, [{ method: 'POST', url: '/', schema, form: {} }]],
    ['one without a form is left to Fastify, which refuses it', { method: ['GET', 'POST'], url: '/', schema }, [{ method: ['GET', 'POST'], url: '/', schema }]],
    ['one without a body stays', { method: ['GET', 'POST'], url: '/', schema: others, form: {} }, [{ method: ['GET', 'POST'], url: '/', schema: others, form: {} }]],
    ['one of no method is left to Fastify', { url: '/', schema, form: {} }, [{ url: '/', schema, form: {} }]],
    ['and so is nothing', undefined, [undefined]]
  ]
  for (const [title, options, expected] of rows) {
    const app = make()
    app.route(options)
    same(t, app, expected, title)
  }
})

t.test('the handler may stand behind the options', async (t) => {
  const handler = (): void => {}
  const app = make()
  app.route({ method: 'POST', url: '/' }, handler)
  same(t, app, [{ method: 'POST', url: '/', handler }], 'it is moved')
})

t.test('shorthands', async (t) => {
  const handler = (): void => {}
  for (const [name, method] of [['get', 'GET'], ['head', 'HEAD'], ['trace', 'TRACE']] as const) {
    const app = make()
    app[name]('/', { schema, form: {} }, handler)
    same(t, app, [{ method: [method], url: '/', schema: others, form: {}, handler, [kBody]: body }], name)
    const own = make()
    own[name]('/', { schema, form: {}, handler })
    same(t, own, [{ method: [method], url: '/', schema: others, form: {}, handler, [kBody]: body }], `${name}, the handler among the options`)
    const plain = make()
    plain[name]('/', { schema }, handler)
    plain[name]('/', handler)
    plain[name]('/', { schema, form: {}, handler }, handler)
    same(t, plain, [[name, '/', { schema }, handler], [name, '/', handler, undefined], [name, '/', { schema, form: {}, handler }, handler]], `${name} of what is Fastify's to judge`)
  }
  const app = make()
  app.all('/', { schema, form: {} }, handler)
  same(t, app, [{ method: ['POST'], url: '/', schema, form: {}, handler }, { method: ['GET'], url: '/', schema: others, form: {}, handler, [kBody]: body }], 'all')
})
