import fc from 'fast-check'
import t from 'tap'
import { distribute } from '../../../lib/bulwark/distribute.ts'
import { PARTS, type Part } from '../../../lib/bulwark/parts.ts'
import { generateKey } from '../../../lib/keys.ts'

const UNKNOWN = 'BULWARK_ERR_BULWARK_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_BULWARK_OPTION_INVALID'
const keys = [generateKey(), generateKey()]
const origin = 'https://app.test'
const off = Object.fromEntries(PARTS.map((part) => [part, false] as const)) as Record<Part, false>

/** What one part is given, the others being off unless `options` say otherwise. */
function given (part: Part, options: object): unknown {
  return Object.fromEntries(distribute({ ...off, [part]: {}, ...options }))[part]
}

t.test('keys and origin are all that a part has to be told', async (t) => {
  t.same(distribute({ keys, origin }), [
    ['headers', {}],
    ['transport', { hosts: ['app.test'] }],
    ['session', { keys }],
    ['csrf', { keys, origin }],
    ['input', {}],
    ['files', {}],
    ['redirect', { keys, origin }]
  ])
  t.same(distribute({ keys, origin, integrity: { roots: [] } }).map(([part]) => part), PARTS, 'in the order of the parts')
  t.same(distribute({ ...off }), [], 'nothing is left when all is off, and nothing is needed')
})

t.test('what is said once reaches the parts that need it', async (t) => {
  const cases: Array<[title: string, part: Part, options: object, expected: object]> = [
    ['transport: the host of the origin', 'transport', { origin }, { hosts: ['app.test'] }],
    ['transport: as the URL parser writes it', 'transport', { origin: 'https://APP.test' }, { hosts: ['app.test'] }],
    ['transport: the port of the origin is that of https', 'transport', { origin: 'https://app.test:8443' }, { hosts: ['app.test'], securePort: 8443 }],
    ['transport: an address', 'transport', { origin: 'https://[2001:db8::1]:8443' }, { hosts: ['[2001:db8::1]'], securePort: 8443 }],
    ['transport: plain http on this machine', 'transport', { origin: 'http://localhost:3000' }, { hosts: ['localhost:3000'] }],
    ['transport: plain http where it is let be', 'transport', { origin: 'http://app.test:8080', transport: { https: false } }, { hosts: ['app.test:8080'], https: false }],
    ['transport: hosts', 'transport', { hosts: ['app.test', '*.app.test'] }, { hosts: ['app.test', '*.app.test'] }],
    ['transport: hosts stand in the place of that of the origin, whose port holds', 'transport', { origin: 'https://app.test:8443', hosts: ['*.app.test'] }, { hosts: ['*.app.test'], securePort: 8443 }],
    ['session: keys', 'session', { keys }, { keys }],
    ['csrf: keys and origin', 'csrf', { keys, origin }, { keys, origin }],
    ['redirect: keys and origin', 'redirect', { keys, origin }, { keys, origin }],
    ['redirect: no keys are needed', 'redirect', { origin }, { origin }],
    ['redirect: no host that the application answers under', 'redirect', { origin, hosts: ['*.app.test'] }, { origin }],
    ['input: the field of csrf', 'input', { keys, origin, csrf: { fieldName: '_token' } }, { setAside: ['_token'] }],
    ['input: nothing where csrf keeps its field', 'input', { keys, origin, csrf: {} }, {}],
    ['headers: nothing', 'headers', { keys, origin, hosts: ['app.test'] }, {}],
    ['integrity: nothing', 'integrity', { keys, origin, hosts: ['app.test'] }, {}],
    ['files: nothing', 'files', { keys, origin, hosts: ['app.test'] }, {}]
  ]
  for (const [title, part, options, expected] of cases) t.same(given(part, options), expected, title)
})

t.test('what is said to a part holds over what is said once', async (t) => {
  const other = [generateKey()]
  const cases: Array<[title: string, part: Part, options: object, expected: object]> = [
    ['transport: hosts', 'transport', { origin, transport: { hosts: ['www.app.test'] } }, { hosts: ['www.app.test'] }],
    ['transport: what is undefined says nothing', 'transport', { origin: 'https://app.test:8443', transport: { securePort: undefined, https: undefined } }, { hosts: ['app.test'], securePort: 8443 }],
    ['redirect: what is undefined says nothing', 'redirect', { origin, keys, redirect: { keys: undefined } }, { origin, keys }],
    ['transport: the port of https', 'transport', { origin: 'https://app.test:8443', transport: { securePort: 443 } }, { hosts: ['app.test'], securePort: 443 }],
    ['session: keys', 'session', { keys, session: { keys: other, idle: 60 } }, { keys: other, idle: 60 }],
    ['csrf: several origins', 'csrf', { keys, origin, csrf: { origin: [origin, 'https://b.test'] } }, { keys, origin: [origin, 'https://b.test'] }],
    ['redirect: origin', 'redirect', { origin, redirect: { origin: 'https://b.test' } }, { origin: 'https://b.test' }],
    ['input: fields that are set aside', 'input', { keys, origin, csrf: { fieldName: '_token' }, input: { setAside: [] } }, { setAside: [] }]
  ]
  for (const [title, part, options, expected] of cases) t.strictSame(given(part, options), expected, title)
})

t.test('what a part cannot start without is asked for, unless the part has it from elsewhere or is off', async (t) => {
  const lacking: Array<[title: string, options: object, message: RegExp]> = [
    ['nothing at all', {}, /^bulwark\.origin: expected what transport needs, received undefined\. Give it here or in the options of transport, or switch the part off with `transport: false`\.$/],
    ['the keys of session', { origin }, /^bulwark\.keys: expected what session needs/],
    ['the keys of csrf', { origin, session: false }, /^bulwark\.keys: expected what csrf needs/],
    ['the origin of csrf', { keys, hosts: ['app.test'] }, /^bulwark\.origin: expected what csrf needs/],
    ['the origin of redirect', { keys, hosts: ['app.test'], csrf: false }, /^bulwark\.origin: expected what redirect needs/],
    ['keys that a condition left out', { origin, keys, session: { keys: undefined } }, /^bulwark\.keys: expected what session needs/]
  ]
  for (const [title, options, message] of lacking) t.throws(() => distribute(options), { code: INVALID, message }, title)
  const enough: Array<[title: string, options: object]> = [
    ['host of transport', { ...off, transport: { host: 'app.test' } }],
    ['redirects within the site', { ...off, redirect: { localOnly: true } }],
    ['each has its own', { transport: { hosts: ['app.test'] }, session: { keys }, csrf: { keys, origin }, redirect: { origin } }]
  ]
  for (const [title, options] of enough) t.doesNotThrow(() => distribute(options), title)
})

t.test('what is said once is checked under its own name', async (t) => {
  const cases: Array<[title: string, options: object, code: string, message: RegExp]> = [
    ['a misspelt name', { keys, orgin: origin }, UNKNOWN, /Did you mean `origin`/],
    ['an origin with a path', { keys, origin: `${origin}/` }, INVALID, /^bulwark\.origin: expected an origin such as/],
    ['an origin without a scheme', { keys, origin: 'app.test' }, INVALID, /^bulwark\.origin: .* Write it with its scheme\./],
    ['no key', { keys: [], origin }, INVALID, /^bulwark\.keys: expected at least one key/],
    ['a short key', { keys: ['c2VjcmV0'], origin }, INVALID, /^bulwark\.keys\[0\]: expected a key of 32 bytes, received a string of length 8\./],
    ['a key given twice', { keys: [keys[0], keys[0]], origin }, INVALID, /^bulwark\.keys\[1\]: expected a key of its own/],
    ['plain http that transport would refuse', { keys, origin: 'http://app.test' }, INVALID, /^bulwark\.origin: expected an origin of https, received a string of length 15\. Plain http is refused by transport, unless `transport\.https` is `false`\.$/],
    ['plain http on what only looks like this machine', { keys, origin: 'http://localhost.evil.test' }, INVALID, /^bulwark\.origin: expected an origin of https/]
  ]
  for (const [title, options, code, message] of cases) t.throws(() => distribute(options), { code, message }, title)
  for (const host of ['localhost', 'app.localhost:3000', '127.0.0.1:3000', '[::1]:3000']) t.doesNotThrow(() => distribute({ keys, origin: `http://${host}` }), host)
  t.doesNotThrow(() => distribute({ keys, origin: 'http://app.test', transport: false }), 'without transport, plain http is not its matter')
})

t.test('no message says a key', async (t) => {
  for (const secret of ['Tr0ub4dor&3', 'c2VjcmV0', `${keys[0]!}AA`]) {
    t.throws(() => distribute({ keys: [secret], origin }), { message: new RegExp(`^(?!.*${secret.replace('&', '\\&')})`) })
  }
})

t.test('whatever is on, a part gets what it would get alone, and nothing that was given is changed', async () => {
  const part = fc.constantFrom(false, {}, { some: 'option' })
  fc.assert(fc.property(fc.record(Object.fromEntries(PARTS.map((name) => [name, part])), { requiredKeys: [] }), (parts) => {
    const before = structuredClone(parts)
    const all = Object.fromEntries(distribute({ keys, origin, ...parts }))
    for (const name of PARTS) {
      const own = parts[name] as object | false | undefined
      const isOn = own === undefined ? name !== 'integrity' : own !== false
      if (isOn !== name in all) return false
      if (isOn && JSON.stringify(all[name]) !== JSON.stringify(given(name, { keys, origin, [name]: own ?? {} }))) return false
    }
    return JSON.stringify(before) === JSON.stringify(parts)
  }))
})
