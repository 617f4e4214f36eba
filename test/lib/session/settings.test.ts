import t from 'tap'
import { checkOptions, kSettings, planOf, plainPlan, sessionDefaults, type SessionOptions } from '../../../lib/session/settings.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'
import { KEYS } from './fixture.ts'

const keys = KEYS

t.test('what is not given has its default', async (t) => {
  t.match(checkOptions({ keys }), { idle: 1800, absolute: 43_200, cacheSeconds: 5, onStoreError: 'allow', storeTimeout: 2, clearSiteData: ['cache', 'storage'] })
  t.ok(Object.isFrozen(sessionDefaults))
  const options: SessionOptions = { keys, idle: 60, absolute: 60, maxSessions: { max: 2, policy: 'refuse' }, store: memoryStore(), loginPath: '/login?lang=de', clearSiteData: false, now: Date.now, onEvent () {} }
  t.match(checkOptions(options), { idle: 60, clearSiteData: false })
  t.same(checkOptions({ keys, idle: undefined, absolute: undefined, onStoreError: undefined, clearSiteData: undefined }), checkOptions({ keys }), 'nor has what is undefined: a session would never end')
})

t.test('what is undefined has its default, too: a limit of NaN would never be reached', async (t) => {
  t.match(checkOptions({ keys, idle: undefined, absolute: undefined, cacheSeconds: undefined, onStoreError: undefined }), sessionDefaults)
  t.equal(checkOptions({ keys, idle: undefined, absolute: 60 }).idle, 60)
  t.strictSame(checkOptions({ keys, store: memoryStore(), remember: { maxAge: undefined, grace: 5 } }).remember, { grace: 5 })
})

t.test('what a route sets becomes a plan', async (t) => {
  t.same(plainPlan, { requirement: undefined, isStrict: false, isStored: false })
  const cases: Array<readonly [setting: unknown, expected: object]> = [
    [{}, { requirement: undefined, isStrict: false, isStored: false }],
    [{ login: false }, { requirement: undefined, isStrict: false, isStored: false }],
    [{ login: true }, { requirement: {}, isStrict: false, isStored: false }],
    [{ fresh: 300 }, { requirement: { within: 300_000 }, isStrict: false, isStored: false }],
    [{ login: true, fresh: 300, strict: true, noStore: false }, { requirement: { within: 300_000 }, isStrict: true, isStored: true }],
    [Object.assign(() => {}, { [kSettings]: { login: true } }), { requirement: {}, isStrict: false, isStored: false }]
  ]
  for (const [setting, expected] of cases) t.same(planOf(setting), expected)
  const wrong: Array<readonly [setting: unknown, code: string, path: RegExp]> = [
    [{ logn: true }, 'BULWARK_ERR_SESSION_OPTION_UNKNOWN', /`login`/], [{ login: 1 }, 'BULWARK_ERR_SESSION_OPTION_INVALID', /session\.login/], [{ fresh: '5m' }, 'BULWARK_ERR_SESSION_OPTION_INVALID', /session\.fresh/],
    [{ fresh: 0 }, 'BULWARK_ERR_SESSION_OPTION_INVALID', /from 1/], [false, 'BULWARK_ERR_SESSION_OPTION_INVALID', /requireLogin/], [true, 'BULWARK_ERR_SESSION_OPTION_INVALID', /requireLogin/],
    ['login', 'BULWARK_ERR_SESSION_OPTION_INVALID', /requireLogin/], [() => {}, 'BULWARK_ERR_SESSION_OPTION_INVALID', /requireLogin/], [null, 'BULWARK_ERR_SESSION_OPTION_INVALID', /requireLogin/]
  ]
  for (const [setting, code, message] of wrong) t.throws(() => planOf(setting), { code, message })
})
