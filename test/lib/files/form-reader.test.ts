import t from 'tap'
import { offerParts, requireMultipart, type Registration } from '../../../lib/files/form-reader.ts'
import { filesDefaults, resolveLimits, type ResolvedLimits } from '../../../lib/files/settings.ts'
import { RouteSettings } from '../../../lib/route-settings.ts'

const scope = { hasRequestDecorator: () => true }
const fields = { avatar: { types: ['png'], maxCount: 1 } }

function registration (more: Partial<Registration> = {}): Registration {
  const { limits } = filesDefaults
  const routes = new RouteSettings<ResolvedLimits>({ plugin: 'files', unknown: 'BULWARK_ERR_FILES_OPTION_UNKNOWN', compile: (setting) => resolveLimits(setting, limits), fallback: limits })
  return { routes, host: { spool: undefined, detect: undefined }, scopes: new WeakSet([scope]), read: async () => {}, ...more }
}

t.test('a scope that the plugin does not reach gets nothing', async (t) => {
  t.equal(offerParts(registration())({ hasRequestDecorator: () => true }, {}, fields), undefined)
})

t.test('a request is read by the rules of the schema and the limits of the route', async (t) => {
  const asked: unknown[] = []
  const read = offerParts(registration({ read: async (...given) => { asked.push(...given) } }))(scope, { config: { security: { files: { limits: { request: 2_000_000 } } } } as object }, fields)!
  t.same(await read('request', 'reply'), { fields: {}, files: {}, faults: [], isWhole: true })
  t.same(asked.slice(0, 2), ['request', 'reply'])
  t.match(asked[2], { isAnswered: true })
})

const wrong: ReadonlyArray<readonly [what: string, given: Record<string, unknown>, config: object, expected: { readonly code: string, readonly message?: RegExp }]> = [
  ['a kind that nobody knows', { avatar: { types: ['pgn'], maxCount: 1 } }, {}, { code: 'BULWARK_ERR_FILES_FORM_INVALID', message: /^schema\.body\.avatar\.types/ }],
  ['a misspelt rule', { avatar: { types: ['png'], maxsize: 1, maxCount: 1 } }, {}, { code: 'BULWARK_ERR_FILES_FORM_INVALID', message: /`maxSize`/ }],
  ['no kinds', { avatar: { maxCount: 1 } }, {}, { code: 'BULWARK_ERR_FILES_FORM_INVALID' }],
  ['a file larger than the body', { avatar: { types: ['png'], maxCount: 1, maxSize: 20_000_000 } }, {}, { code: 'BULWARK_ERR_FILES_FORM_INVALID', message: /limits\.request/ }],
  ['limits of the route that are wrong', fields, { security: { files: { limits: { request: 0 } } } }, { code: 'BULWARK_ERR_FILES_OPTION_INVALID' }]
]

for (const [what, given, config, expected] of wrong) {
  t.test(`${what} does not start`, async (t) => { t.throws(() => offerParts(registration())(scope, { config }, given as never), expected) })
}

t.test('somebody must take the body apart', async (t) => {
  for (const name of ['parts', 'isMultipart']) t.throws(() => requireMultipart({ hasRequestDecorator: (other) => other !== name }), { code: 'BULWARK_ERR_FILES_MULTIPART_MISSING' })
})
