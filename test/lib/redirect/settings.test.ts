import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { OPTION_CODES, redirectDefaults, redirectSchema, resolveSchema, routeRedirectSchema } from '../../../lib/redirect/settings.ts'

const accepts = (schema: object, value: unknown): boolean => {
  try {
    compileOptions(schema, OPTION_CODES)(value, 'x')
    return true
  } catch {
    return false
  }
}

const cases: Array<[schema: object, value: unknown, accepted: boolean]> = [
  [redirectSchema, {}, true],
  [redirectSchema, redirectDefaults, true],
  [redirectSchema, { origin: 'https://app.test', hosts: ['a.test'], requireHttps: true, localOnly: false, maxLength: 1, guardAll: false, keys: ['k'] }, true],
  [redirectSchema, { keys: [] }, false],
  [redirectSchema, { maxLength: 0 }, false],
  [redirectSchema, { maxLength: 16_385 }, false],
  [redirectSchema, { maxLength: 1.5 }, false],
  [redirectSchema, { hosts: 'a.test' }, false],
  [resolveSchema, { origin: 'https://app.test' }, true],
  [resolveSchema, { keys: ['k'] }, false],
  [routeRedirectSchema, false, true],
  [routeRedirectSchema, true, false],
  [routeRedirectSchema, {}, true],
  [routeRedirectSchema, { field: 'next', in: ['query', 'body'], fallback: '/', onUnsafe: 'reject', hosts: [] }, true],
  [routeRedirectSchema, { field: '' }, false],
  [routeRedirectSchema, { in: [] }, false],
  [routeRedirectSchema, { in: ['query', 'query'] }, false],
  [routeRedirectSchema, { in: ['params'] }, false],
  [routeRedirectSchema, { onUnsafe: 'ignore' }, false],
  [routeRedirectSchema, { origin: 'https://app.test' }, false]
]

t.test('what the schemas take', async (t) => {
  for (const [schema, value, accepted] of cases) t.equal(accepts(schema, value), accepted, JSON.stringify(value))
})

t.test('the defaults cannot be changed', async (t) => {
  t.ok(Object.isFrozen(redirectDefaults) && Object.isFrozen(redirectDefaults.hosts))
})
