import t from 'tap'
import { canRemember, rememberDefaults, rememberSchema, rememberTerms } from '../../../lib/session/remember-settings.ts'
import { checkOptions, type RememberOptions } from '../../../lib/session/settings.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'

const store = memoryStore()
const keys = ['a']

t.test('the defaults of the schema are those that are exported', async (t) => {
  const [shape] = (rememberSchema as unknown as { anyOf: Array<{ properties: Record<string, { default: unknown }> }> }).anyOf
  t.same(Object.fromEntries(Object.entries(shape!.properties).map(([key, node]) => [key, node.default])), rememberDefaults)
  t.ok(Object.isFrozen(rememberDefaults))
})

t.test('devices are remembered where there is a store that can', async (t) => {
  for (const [what, given, where, expected] of [
    ['by default with a store', undefined, store, rememberDefaults],
    ['not without one', undefined, undefined, undefined],
    ['not when it is switched off', false, store, undefined],
    ['not with a store of another kind', undefined, { remember: null }, undefined],
    ['nor with one that lacks a method', undefined, { remember: { create () {} } }, undefined],
    ['an absolute end that is near takes the idle one along', { maxAge: 60 }, store, { ...rememberDefaults, maxAge: 60, idle: 60 }],
    ['what is given counts', { maxAge: 600, idle: 60, grace: 5, onTheft: 'family', cookieName: 'device' }, store, { maxAge: 600, idle: 60, grace: 5, onTheft: 'family', cookieName: 'device' }]
  ] as const) {
    t.same(rememberTerms(given, where), expected, what)
  }
  t.ok(canRemember(store))
})

t.test('what contradicts itself is refused at start', async (t) => {
  const INVALID = 'BULWARK_ERR_SESSION_OPTION_INVALID'
  for (const [what, options, code, message] of [
    ['options without a store', { remember: {} }, INVALID, /session\.remember: [^]*memoryStore/],
    ['with a store that cannot', { remember: {}, store: { ...checkable(), remember: {} } }, INVALID, /session\.remember/],
    ['idle beyond the end', { store, remember: { idle: 120, maxAge: 60 } }, INVALID, /session\.remember\.idle/],
    ['idle beyond the default end', { store, remember: { idle: 2_592_001 } }, INVALID, /session\.remember\.idle/],
    ['a grace of hours', { store, remember: { grace: 3600 } }, INVALID, /session\.remember/],
    ['no grace', { store, remember: { grace: 0 } }, INVALID, /session\.remember/],
    ['an unknown answer to theft', { store, remember: { onTheft: 'ignore' } }, INVALID, /session\.remember/],
    ['a misspelt name', { store, remember: { maxage: 60 } }, 'BULWARK_ERR_SESSION_OPTION_UNKNOWN', /maxAge/],
    ['true', { store, remember: true }, INVALID, /session\.remember/]
  ] as const) {
    t.throws(() => checkOptions({ keys, ...options }), { code, message }, what)
  }
  for (const remember of [undefined, false, {}, { maxAge: 60 }, { grace: 60, idle: 60 }] as Array<RememberOptions | false | undefined>) {
    t.doesNotThrow(() => checkOptions({ keys, store, ...remember !== undefined && { remember } }))
  }
  t.doesNotThrow(() => checkOptions({ keys, remember: false }))
})

/** A store without the part that remembers. */
function checkable (): object {
  return Object.fromEntries(['admit', 'replace', 'seen', 'isRevoked', 'revoke', 'revokeUser', 'list', 'count', 'purge'].map((name) => [name, () => {}]))
}
