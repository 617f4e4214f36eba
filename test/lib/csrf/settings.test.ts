import t from 'tap'
import { csrfDefaults, csrfSchema, routeCsrfSchema } from '../../../lib/csrf/settings.ts'
import { compileOptions } from '../../../lib/options.ts'

const codes = { unknown: 'BULWARK_ERR_CSRF_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_CSRF_OPTION_INVALID' } as const
const check = compileOptions<object>(csrfSchema, codes)
const checkRoute = compileOptions<unknown>(routeCsrfSchema, codes)
const NEEDED = { origin: 'https://app.test', keys: ['k'] }

t.test('the defaults are valid, and cannot be changed', async (t) => {
  t.doesNotThrow(() => check({ ...NEEDED, ...csrfDefaults }, 'csrf'))
  t.ok(Object.isFrozen(csrfDefaults) && Object.isFrozen(csrfDefaults.trustedOrigins))
})

t.test('settings of a route', async (t) => {
  for (const setting of [false, 'strict', 'token', { trustedOrigins: [] }]) t.equal(checkRoute(setting, 'config.security.csrf'), setting)
})

t.test('a name that every object has is none for a field', async (t) => {
  for (const fieldName of ['constructor', '__proto__', 'toString', 'a b', '', 'a'.repeat(65)]) t.throws(() => check({ ...NEEDED, fieldName }, 'csrf'), { code: codes.invalid }, fieldName)
  for (const fieldName of ['_csrf', 'authenticity_token', 'a-b']) t.doesNotThrow(() => check({ ...NEEDED, fieldName }, 'csrf'), fieldName)
})
