import t from 'tap'
import { filesDefaults, lateLimits, resolveForm, resolveLimits, resolveOptions } from '../../../lib/files/settings.ts'

const { limits } = filesDefaults

t.same(resolveOptions({}).limits, limits)
t.same(resolveOptions({ limits: { fields: 3 }, folder: 'x' }), { folder: 'x', limits: { ...limits, fields: 3 } })
t.same(resolveOptions({ limits: { request: undefined, fields: undefined } }).limits, limits, 'a limit that is undefined is none that was given')
t.same([...resolveForm({ a: { types: ['png'], maxSize: undefined } }, limits, false)], [...resolveForm({ a: { types: ['png'] } }, limits, false)])
t.same(resolveLimits({ limits: { request: 5 } }, limits), { ...limits, request: 5 })
t.same(resolveLimits({}, limits), limits)
t.same([...resolveForm({ a: { types: ['png'] } }, limits, false)], [['a', { types: ['png'], maxSize: 1_048_576, maxCount: 1, maxPixels: 25_000_000, maxEntries: 1000, maxUnpacked: 104_857_600, required: false, store: 'disk' }]])
t.match(resolveForm({ a: { types: ['mp4'], maxCount: 3 } }, limits, true).get('a'), { types: ['mp4'], maxCount: 3 })

const wrong: ReadonlyArray<readonly [what: string, resolve: () => unknown, code: string, message: RegExp]> = [
  ['an unknown option', () => resolveOptions({ fodler: '' }), 'OPTION_UNKNOWN', /Did you mean `folder`/],
  ['a detector that is no function', () => resolveOptions({ detect: true }), 'OPTION_INVALID', /files\.detect: expected a function/],
  ['an unknown limit of a route', () => resolveLimits({ limits: { fieldsize: 1 } }, limits), 'OPTION_UNKNOWN', /config\.security\.files\.limits\.fieldsize/],
  ['an option that a route does not have', () => resolveLimits({ folder: 'x' }, limits), 'OPTION_UNKNOWN', /config\.security\.files\.folder/],
  ['a kind that is not known', () => resolveForm({ a: { types: ['jepg'] } }, limits, false), 'FORM_INVALID', /form\.files\.a\.types.*Did you mean/],
  ['a kind that no detector says so', () => resolveForm({ a: { types: ['MP4'] } }, limits, true), 'FORM_INVALID', /small letters/],
  ['an unknown key', () => resolveForm({ a: { types: ['png'], maxsize: 1 } }, limits, false), 'FORM_INVALID', /Did you mean `maxSize`/],
  ['a Map, whose keys would be ignored', () => resolveForm(new Map([['a', {}]]), limits, false), 'FORM_INVALID', /plain object/],
  ['a file larger than the request', () => resolveForm({ a: { types: ['png'], maxSize: limits.request + 1 } }, limits, false), 'FORM_INVALID', /limits\.request/]
]

for (const [what, resolve, code, message] of wrong) t.throws(resolve, { code: `BULWARK_ERR_FILES_${code}`, message }, what)

t.match(lateLimits(), { code: 'BULWARK_ERR_FILES_OPTION_INVALID', message: /onRoute/ })

t.test('a limit that is undefined has its default: nothing is without one', async (t) => {
  t.same(resolveOptions({ limits: { request: undefined } }).limits, filesDefaults.limits)
  t.same(resolveLimits({ limits: { request: undefined } }, limits), limits)
  t.equal(resolveForm({ a: { types: ['png'], maxSize: undefined } }, limits, false).get('a')?.maxSize, 1_048_576)
})
