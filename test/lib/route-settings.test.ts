import t from 'tap'
import { SecurityError } from '../../lib/errors.ts'
import { RouteSettings } from '../../lib/route-settings.ts'

interface Fixture {
  readonly routes: RouteSettings<string>
  /** What was compiled, in order. */
  readonly compiled: unknown[]
}

function fixture (notesAll = false): Fixture {
  const compiled: unknown[] = []
  const routes = new RouteSettings<string>({
    plugin: 'headers',
    unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN',
    fallback: 'fallback',
    notesAll,
    compile (setting) {
      compiled.push(setting)
      if (setting === 'wrong') throw new SecurityError('BULWARK_ERR_HEADERS_OPTION_INVALID', 'config.security.headers: wrong.')
      if (setting === 'broken') throw new TypeError('broken')
      return `plan ${String(setting)}`
    }
  })
  return { routes, compiled }
}

type Route = Parameters<RouteSettings<string>['declare']>[0]

const never = (): never => { throw new Error('there is nothing to report') }

const plans: Array<[rule: string, config: object | undefined, plan: string]> = [
  ['no config', undefined, 'fallback'],
  ['no security', {}, 'fallback'],
  ['security undefined', { security: undefined }, 'fallback'],
  ['security without a key', { security: {} }, 'fallback'],
  ['no setting for this plugin', { security: { headers: undefined } }, 'fallback'],
  ['a setting', { security: { headers: 'a' } }, 'plan a'],
  ['false is a setting', { security: { headers: false } }, 'plan false'],
  ['null is one, too, for compile to refuse', { security: { headers: null } }, 'plan null']
]

for (const [rule, config, plan] of plans) {
  t.test(`the plan of a route: ${rule}`, async (t) => {
    const { routes } = fixture()
    t.equal(routes.declare({ method: 'GET', url: '/', ...config === undefined ? {} : { config } }), plan)
    t.equal(routes.failure, undefined)
    if (config === undefined) return
    t.equal(fixture().routes.planFor(config, never), plan, 'and the same when first seen at a request')
  })
}

t.test('what somebody put into Object.prototype while serving is no setting', async (t) => {
  for (const [name, value, config] of [['security', { headers: false }, {}], ['headers', false, { security: {} }]] as const) {
    Reflect.set(Object.prototype, name, value)
    const plan = fixture().routes.planFor(config, never)
    Reflect.deleteProperty(Object.prototype, name)
    t.equal(plan, 'fallback', name)
  }
})

const refused: Array<[what: string, security: unknown, message: string | RegExp]> = [
  ['null', null, 'config.security: expected an object with one key a plugin, received null.'],
  ['a string', 'headers', 'config.security: expected an object with one key a plugin, received a string of length 7.'],
  ['an array', ['headers'], 'config.security: expected an object with one key a plugin, received an array of length 1.'],
  ['false', false, 'config.security: expected an object with one key a plugin, received boolean.'],
  ['a misspelt plugin', { header: false }, 'config.security.header: expected a known name, received an unknown one. Did you mean `headers`?'],
  ['a name of Object.prototype', { constructor: {} }, /^config\.security\.constructor: expected a known name/]
]

for (const [what, security, message] of refused) {
  t.test(`config.security is refused: ${what}`, async (t) => {
    const { routes } = fixture()
    t.equal(routes.declare({ method: 'GET', url: '/a', config: { security } }), 'fallback')
    t.match(routes.failure, { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN' })
    t.match(routes.failure!.message, message)
    t.ok(routes.failure!.message.endsWith(' (route GET /a)'), 'the route is named')
  })
}

t.test('the first failure counts, and keeps its code', async (t) => {
  const { routes } = fixture()
  routes.declare({ method: ['GET', 'HEAD'], url: '/a', config: { security: { headers: 'wrong' } } })
  routes.declare({ method: 'GET', url: '/b', config: { security: null } })
  t.match(routes.failure, { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: 'config.security.headers: wrong. (route GET,HEAD /a)' })
})

t.test('an error that is not ours stops the start, too', async (t) => {
  const { routes } = fixture()
  routes.declare({ method: 'GET', url: '/', config: { security: { headers: 'broken' } } })
  t.match(routes.failure, new TypeError('broken'))
})

t.test('the caller\'s config is never written to, even frozen', async (t) => {
  const { routes } = fixture()
  const config = Object.freeze({ mine: 1, security: Object.freeze({ headers: 'a' }) })
  const route: { method: string, url: string, config: object } = { method: 'GET', url: '/', config }
  routes.declare(route)
  t.not(route.config, config)
  t.match(route.config, { mine: 1, security: { headers: 'a' } })
  t.same(Reflect.ownKeys(config), ['mine', 'security'])
})

t.test('two routes that share one config do not share a plan by accident', async (t) => {
  const { routes } = fixture()
  const config = { security: { headers: 'a' } }
  const first: { method: string, url: string, config: object } = { method: 'GET', url: '/1', config }
  const second: { method: string, url: string, config: object } = { method: 'GET', url: '/2', config: { ...config, security: { headers: false } } }
  routes.declare(first)
  routes.declare(second)
  t.equal(routes.planFor(first.config, never), 'plan a')
  t.equal(routes.planFor(second.config, never), 'plan false')
})

t.test('a declared route is known, and its setting is compiled once', async (t) => {
  const { routes, compiled } = fixture()
  const config = { security: { headers: 'a' } }
  const route: { method: string, url: string, config: object } = { method: 'GET', url: '/', config }
  routes.declare(route)
  t.equal(routes.isDeclared(route.config), true)
  t.equal(routes.isDeclared(config), false)
  t.equal(fixture().routes.isDeclared(route.config), false, 'another registration does not know it')
  t.equal(routes.planFor(route.config, never), 'plan a')
  t.same(compiled, ['a'])
})

t.test('a copy of a declared config with another setting is compiled afresh when it is declared', async (t) => {
  const { routes } = fixture()
  const route: { method: string, url: string, config: object } = { method: 'GET', url: '/', config: { security: { headers: 'a' } } }
  routes.declare(route)
  t.equal(routes.declare({ method: 'GET', url: '/2', config: { ...route.config, security: { headers: 'b' } } }), 'plan b')
})

t.test('a copy of a declared config whose setting was taken away has none', async (t) => {
  const { routes } = fixture()
  const route: Route = { method: 'GET', url: '/', config: { security: { headers: 'a' } } }
  routes.declare(route)
  const copy: Route = { method: 'GET', url: '/2', config: { ...route.config, security: undefined } }
  t.equal(routes.declare(copy), 'fallback')
  t.equal(routes.planFor(copy.config!, never), 'fallback')
})

t.test('a route without a setting keeps its config, unless all are noted', async (t) => {
  for (const config of [undefined, Object.freeze({ mine: 1 })]) {
    const route: Route = { method: 'GET', url: '/', ...config && { config } }
    fixture().routes.declare(route)
    t.equal(route.config, config)
    const { routes } = fixture(true)
    routes.declare(route)
    t.equal(routes.isDeclared(route.config!), true)
    t.equal(routes.planFor(route.config!, never), 'fallback')
    t.strictSame({ ...route.config, ...config }, route.config, 'what was there is kept')
  }
})

t.test('a setting that was added behind `declare` counts', async (t) => {
  const { routes } = fixture()
  const route: Route = { method: 'GET', url: '/', config: {} }
  routes.declare(route)
  t.equal(routes.planFor({ ...route.config, security: { headers: 'a' } }, never), 'plan a')
})

t.test('a setting first seen at a request is compiled once', async (t) => {
  const { routes, compiled } = fixture()
  const config = Object.freeze({ security: { headers: 'a' } })
  t.equal(routes.planFor(config, never), 'plan a')
  t.equal(routes.planFor(config, never), 'plan a')
  t.same(compiled, ['a'])
})

t.test('a wrong setting first seen at a request falls back to the plan of the application, and is told once', async (t) => {
  const { routes } = fixture()
  const config = { security: { headers: 'wrong' } }
  const told: unknown[] = []
  t.equal(routes.planFor(config, (error) => told.push(error)), 'fallback')
  t.equal(routes.planFor(config, (error) => told.push(error)), 'fallback')
  t.equal(told.length, 1)
  t.match(told[0], { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID' })
  t.equal(routes.failure, undefined, 'the application has started')
})

t.test('what was set behind `declare` counts when all routes are declared', async (t) => {
  const cases: Array<[what: string, before: object | undefined, after: object | undefined, plan: string, isLate: boolean]> = [
    ['nothing', undefined, undefined, 'fallback', false],
    ['the same setting', { headers: 'a' }, { headers: 'a' }, 'plan a', false],
    ['the setting of another plugin', { headers: 'a' }, { headers: 'a', csrf: true }, 'plan a', false],
    ['a setting', undefined, { headers: 'b' }, 'plan b', true],
    ['a setting beside that of another plugin', { csrf: true }, { csrf: true, headers: 'b' }, 'plan b', true],
    ['another setting', { headers: 'a' }, { headers: 'b' }, 'plan b', true],
    ['none any more', { headers: 'a' }, {}, 'fallback', true]
  ]
  for (const [what, before, after, plan, isLate] of cases) {
    for (const notesAll of [false, true]) {
      const { routes } = fixture(notesAll)
      const route: Route = { method: 'GET', url: '/', ...before && { config: { security: before } } }
      routes.declare(route)
      if (after !== undefined) route.config = { ...route.config, security: after }
      const copy = { ...route.config }
      t.equal(routes.finish(), undefined, what)
      t.equal(routes.hasLate, isLate, what)
      t.equal(routes.planFor(copy, never), plan, what)
    }
  }
})

t.test('a wrong setting behind `declare` is a failure, and so is one that only a prototype has', async (t) => {
  const inherited = { security: { headers: 'a' } }
  const late = fixture().routes
  const route: Route = { method: 'GET', url: '/a', config: {} }
  late.declare(route)
  route.config = { security: { headers: 'wrong' } }
  t.match(late.finish(), { code: 'BULWARK_ERR_HEADERS_OPTION_INVALID', message: 'config.security.headers: wrong. (route GET /a)' })
  for (const config of [Object.create(inherited), { security: Object.create(inherited.security) }] as object[]) {
    const { routes } = fixture()
    t.equal(routes.declare({ method: 'GET', url: '/a', config }), 'fallback')
    t.match(routes.finish(), { code: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', message: /prototype.*\(route GET \/a\)$/ })
  }
})
