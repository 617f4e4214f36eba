import t from 'tap'
import { compileOptions } from '../../../lib/options.ts'
import { PARTS } from '../../../lib/bulwark/parts.ts'
import { bulwarkDefaults, bulwarkSchema, OPTION_CODES } from '../../../lib/bulwark/settings.ts'

const check = compileOptions(bulwarkSchema, OPTION_CODES)
const UNKNOWN = 'BULWARK_ERR_BULWARK_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_BULWARK_OPTION_INVALID'

t.test('every part is on but integrity, and nobody can change that for all', async (t) => {
  t.same(Object.keys(bulwarkDefaults), PARTS)
  for (const part of PARTS) {
    t.same(bulwarkDefaults[part], part === 'integrity' ? false : {}, part)
    t.ok(Object.isFrozen(bulwarkDefaults[part]), part)
  }
  t.ok(Object.isFrozen(bulwarkDefaults))
})

t.test('what is admitted', async (t) => {
  const cases: Array<[title: string, options: object]> = [
    ['nothing', {}],
    ['what is said once', { keys: ['a'], origin: 'https://app.test', hosts: ['app.test'] }],
    ['a part that is off', { session: false }],
    ['the options of a part', { session: { anything: 1 } }],
    ['an object without a prototype', { session: Object.create(null) as object }]
  ]
  for (const [title, options] of cases) t.equal(check(options, 'bulwark'), options, title)
})

t.test('what is refused', async (t) => {
  const cases: Array<[title: string, options: unknown, code: string, message: RegExp]> = [
    ['a misspelt part', { sesion: {} }, UNKNOWN, /^bulwark\.sesion: .* Did you mean `session`\?/],
    ['a misspelt shared option', { orign: 'https://app.test' }, UNKNOWN, /Did you mean `origin`\?/],
    ['the option of a part in its place', { guardAll: true }, UNKNOWN, /^bulwark\.guardAll: /],
    ['no object', 'https://app.test', INVALID, /^bulwark: expected an object, received a string of length 16\./],
    ['a part that is on by a word', { csrf: true }, INVALID, /^bulwark\.csrf: expected the options of the part, or `false`, received boolean\./],
    ['a part that is null', { csrf: null }, INVALID, /^bulwark\.csrf: .* received null\./],
    ['a list for options', { csrf: [] }, INVALID, /^bulwark\.csrf: /],
    ['a map for options, whose keys would be ignored', { csrf: new Map([['origin', 'https://app.test']]) }, INVALID, /^bulwark\.csrf: /],
    ['several origins', { origin: ['https://app.test'] }, INVALID, /^bulwark\.origin: expected one origin, such as `https:\/\/app\.test`, received an array of length 1\./],
    ['one key that is no list', { keys: 'secret' }, INVALID, /^bulwark\.keys: expected an array whose members are a string, received a string of length 6\./],
    ['a key that is no text', { keys: [Buffer.alloc(32)] }, INVALID, /^bulwark\.keys\.0: expected a string, received an object\./],
    ['one host that is no list', { hosts: 'app.test' }, INVALID, /^bulwark\.hosts: /]
  ]
  for (const [title, options, code, message] of cases) t.throws(() => check(options, 'bulwark'), { code, message }, title)
})
