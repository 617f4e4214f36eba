import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadApplication, type Loaded } from '../../../lib/cli/application.ts'

const HEAD = "import Fastify from 'fastify'\n"

async function load (t: Test, file: string, text: string, exported?: string): Promise<Loaded> {
  // Beside this package, so that `fastify` is found; each test has a folder, and so a module, of its own.
  const loaded = await loadApplication(join(t.testdir({ [file]: text }), file), exported)
  t.teardown(() => loaded.app.close())
  return loaded
}

const urls = ({ routes }: Loaded): string[] => routes.filter(({ options }) => options.method !== 'HEAD').map(({ options }) => options.url)

const modules: Array<[what: string, file: string, text: string, exported?: string]> = [
  ['an instance as the default', 'app.mjs', `${HEAD}const app = Fastify()\napp.get('/a', () => 1)\nexport default app`],
  ['an instance by name', 'app.mjs', `${HEAD}export const app = Fastify()\napp.get('/a', () => 1)`],
  ['a function that builds one', 'app.mjs', `${HEAD}export function build () { const app = Fastify(); app.get('/a', () => 1); return app }`],
  ['a function that builds one with options', 'app.mjs', `${HEAD}export default async function (options) { const app = Fastify(options.server); app.get('/a', () => 1); return app }`],
  ['a promise of one', 'app.mjs', `${HEAD}export default Promise.resolve().then(() => { const app = Fastify(); app.get('/a', () => 1); return app })`],
  ['a function that builds one and gives something else', 'app.mjs', `${HEAD}export async function build () { const app = Fastify(); app.get('/a', () => 1); return { app } }`],
  ['a module of CommonJS', 'app.cjs', "const app = require('fastify')()\napp.get('/a', () => 1)\nmodule.exports = app"],
  ['a module of CommonJS with names', 'app.cjs', "const parts = { build () { const app = require('fastify')(); app.get('/a', () => 1); return app } }\nmodule.exports = parts"],
  ['a module that starts its server', 'app.mjs', `${HEAD}const app = Fastify()\napp.get('/a', () => 1)\nawait app.listen({ port: 1, host: '192.0.2.1' })`],
  ['a module that starts its server by a callback', 'app.mjs', `${HEAD}const app = Fastify()\napp.get('/a', () => 1)\napp.listen({ port: 1, host: '192.0.2.1' }, (error, address) => { if (error || address !== 'not listening') throw error })`],
  ['one of several, by its name', 'app.mjs', `${HEAD}export const one = Fastify()\nexport const two = Fastify()\ntwo.get('/a', () => 1)`, 'two'],
  ['a function of a name that is not usual', 'app.mjs', `${HEAD}export function produce () { const app = Fastify(); app.get('/a', () => 1); return app }`, 'produce']
]
for (const [what, file, text, exported] of modules) t.test(`loaded: ${what}`, async (t) => t.same(urls(await load(t, file, text, exported)), ['/a']))

const failures: Array<[what: string, text: string, failure: RegExp, exported?: string]> = [
  ['nothing that is an application', 'export const a = 1', /^The module made no Fastify instance: export one, or a function that builds one\.$/],
  ['two applications, and none is exported', `${HEAD}Fastify()\nFastify()`, /^The module made 2 Fastify instances: export the one that is meant, and name it with --export\.$/],
  ['an export that is not there', `${HEAD}export const app = Fastify()`, /^The module does not export ap: did you mean app\?$/, 'ap'],
  ['an export where there is none', HEAD, /^The module does not export app$|^The module does not export app\.?/, 'app'],
  ['an export that is no application', `${HEAD}export const app = Fastify()\nexport const other = 1`, /^The module made 1 Fastify instances/, 'other'],
  ['a function that builds something else', 'export const build = () => 1', /made no Fastify instance/],
  ['a plugin', 'export default async function (app, options) { app.get("/", () => 1) }', /made no Fastify instance/],
  ['a module that throws', 'throw new Error("no database")', /^no database$/],
  ['a function that throws', 'export default () => { throw new Error("no database") }', /^no database$/],
  ['an application that is not ready', `${HEAD}const app = Fastify()\napp.register(async () => { throw new Error("no database") })\nexport default app`, /^no database$/],
  ['a plugin that is none, in the words of Fastify', `${HEAD}const app = Fastify()\napp.register(undefined)\nexport default app`, /plugin must be a function/i],
  ['what is no JavaScript', 'const', /./]
]
for (const [what, text, message, exported] of failures) t.test(`refused: ${what}`, async (t) => await t.rejects(load(t, 'app.mjs', text, exported), { message }))

t.test('every route is seen, of scopes and of plugins, with its options and its scope', async (t) => {
  const loaded = await load(t, 'app.mjs', `${HEAD}
    import fp from 'fastify-plugin'
    const app = Fastify()
    app.get('/early', { schema: { querystring: { type: 'object' } }, config: { a: 1 } }, () => 1)
    app.register(fp(async (app) => { app.get('/of-plugin', () => 1) }, { name: 'outer' }), { some: 'options' })
    app.register(async (scope) => {
      scope.register(fp(async () => {}, { name: 'inner' }))
      scope.post('/in-scope', () => 1)
      scope.route({ method: ['PUT', 'DELETE'], url: '/:id', handler: () => 1 })
    }, { prefix: '/p' })
    app.register(Promise.resolve({ default: fp(async () => {}, { name: 'imported' }) }))
    app.register({ default: fp(async () => {}, { name: 'by-default' }) })
    export default app`)
  t.same(urls(loaded).sort(), ['/early', '/of-plugin', '/p/:id', '/p/in-scope'])
  const of = (url: string): Loaded['routes'][number] => loaded.routes.find(({ options }) => options.url === url)!
  t.match(of('/early').options, { config: { a: 1 }, schema: { querystring: { type: 'object' } } })
  t.same([of('/p/in-scope').scope.hasPlugin('inner'), of('/early').scope.hasPlugin('inner'), of('/early').scope.hasPlugin('outer')], [true, false, true])
  t.match(loaded.plugins.filter(({ name }) => name !== 'imported').map(({ name, options }) => [name, options]), [['outer', { some: 'options' }], ['by-default', undefined], ['inner', undefined]])
})

t.test('requests are seen as over https', async (t) => {
  const { app } = await load(t, 'app.mjs', `${HEAD}const app = Fastify()\napp.get('/', ({ protocol }) => protocol)\nexport default app`)
  const { payload } = await app.inject({ url: '/' }) as unknown as { payload: string }
  t.equal(payload, 'https')
})

t.test('a failure to be ready reaches the callback of listen', async (t) => {
  await t.rejects(load(t, 'app.mjs', `${HEAD}const app = Fastify()
    app.register(async () => { throw new Error('broken') })
    await new Promise((resolve, reject) => app.listen({ port: 1 }, (error) => error ? reject(error) : resolve()))
    export default app`), { message: 'broken' })
})
