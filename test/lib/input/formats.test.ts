import t from 'tap'
import { Format } from 'typebox/format'
import { BOUNDED_FORMATS, FORMATS, FORMAT_PREFIX, STANDARD_FORMATS } from '../../../lib/input/formats.ts'

/** Name of a format: what it admits, and what it refuses. */
const CASES: Record<string, { good: string[], bad: string[] }> = {
  text: { good: ['a', ''], bad: [' ', '\t'] },
  multiline: { good: ['a\nb'], bad: ['\n'] },
  secret: { good: ['', '\0', ' '], bad: [] },
  username: { good: ['anna.b_1'], bad: ['\u00e9', '1a'] },
  'username-script': { good: ['\u00e9'], bad: ['a\u0430'] },
  email: {
    good: ['a@b.co', 'a.b+c@sub.example.org', "o'neil@example.com", 'a@1.co', `${'a'.repeat(64)}@b.co`, 'A@B.CO', 'a@xn--bcher-kva.example'],
    bad: ['a', 'a@b', '@b.co', 'a@', 'a@b.co.', 'a@.co', 'a@b..co', 'a b@c.co', '"<script>"@x.org', 'a@[1.2.3.4]', 'a@-b.co', 'a@b-.co', 'a@b_c.co', `${'a'.repeat(65)}@b.co`, `a@${'b.'.repeat(130)}co`, 'a@b.co\n', 'A <a@b.co>', 'a@b@c.co', '\u00e9@b.co', 'a@b\u00fccher.de', `a@${'b'.repeat(64)}.co`, 'a\u200b@b.co']
  },
  'web-url': {
    good: ['https://a.co', 'http://localhost:3000/x?y#z', 'HTTPS://A.CO', 'http://[::1]/', 'https://a.co/%20', 'http://x.co#f', 'http://192.168.0.1'],
    bad: ['javascript:alert(1)', 'javascript://h/x', 'data:text/html,x', 'ftp://a.co', '//a.co', 'https:a.co', 'https:/a.co', 'https:\\\\a.co', 'https://a.co\\b', 'https://', 'https://u:p@a.co', 'https://u@a.co', ' https://a.co', 'https://a.co\n', 'https://a .co', 'https://a.co/<b>', 'https://a.co:99999', 'a.co', '']
  },
  url: { good: ['ftp://a.co/x', 'https://a.co', 'git+ssh://a.co'], bad: ['javascript://h/x', 'file://h/x', 'vbscript://h/x', 'mailto:a@b.co', 'ftp://u:p@a.co', 'x'] },
  uuid: { good: ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8'], bad: ['{6ba7b810-9dad-11d1-80b4-00c04fd430c8}', 'urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b8109dad11d180b400c04fd430c8', '6ba7b810-9dad-11d1-80b4-00c04fd430c', ''] },
  ip: { good: ['1.2.3.4', '::1', '2001:db8::1'], bad: ['1.2.3', '256.1.1.1', '01.2.3.4', 'fe80::1%eth0', 'x', ''] },
  ipv4: { good: ['1.2.3.4'], bad: ['::1', '1.2.3.4.5', '0x1.2.3.4'] },
  ipv6: { good: ['::', '::ffff:1.2.3.4'], bad: ['1.2.3.4', ':::', 'fe80::1%1'] },
  mac: { good: ['01:23:45:67:89:ab', '01-23-45-67-89-AB'], bad: ['01:23:45:67:89', '01:23:45-67:89:ab', '0123456789ab', '01:23:45:67:89:ag', '01:23:45:67:89:ab\n'] },
  slug: { good: ['a', 'a-b-1'], bad: ['', '-a', 'a-', 'a--b', 'A', 'a_b', '\u00e9'] },
  decimal: { good: ['0', '12.50', '-1', '0.1'], bad: ['', '.5', '5.', '01', '1e2', '1,5', '+1', '0x1', '\u0661'] },
  date: { good: ['2026-11-25', '2024-02-29', '2000-02-29', '0001-01-01', '2026-04-30', '2026-12-31'], bad: ['2026-02-29', '1900-02-29', '2026-13-01', '2026-00-01', '2026-01-00', '2026-04-31', '0000-01-01', '26-01-01', '2026-1-1', '2026-01-32', ''] },
  'datetime-local': { good: ['2026-11-25T14:30', '2026-11-25T14:30:15', '2026-11-25T14:30:15.123'], bad: ['2026-11-25', '2026-11-25 14:30', '2026-11-25T24:00', '2026-02-29T14:30', '2026-11-25T14:30Z', '2026-11-25T14:30+01:00', '2026-11-25T14:60'] },
  month: { good: ['2026-11'], bad: ['2026-13', '2026-00', '0000-01', '2026', '2026-1'] },
  week: { good: ['2026-W48', '2026-W01', '2026-W53', '2020-W53'], bad: ['2026-W54', '2026-W00', '2025-W53', '2026-48', '0000-W01'] },
  time: { good: ['00:00', '23:59:59', '23:59:59.999'], bad: ['24:00', '1:00', '12:60', '12:00:60', '12'] },
  color: { good: ['#1a2B3c'], bad: ['#fff', 'red', '1a2b3c', '#1a2b3g', '#1a2b3c4d'] }
}

t.test('what the builders admit', async (t) => {
  t.same([...FORMATS.keys()].sort(), Object.keys(CASES).map((name) => `${FORMAT_PREFIX}${name}`).sort(), 'each has its cases')
  for (const [name, { good, bad }] of Object.entries(CASES)) {
    const test = FORMATS.get(`${FORMAT_PREFIX}${name}`)!
    for (const text of good) t.ok(test(text), `${name} admits ${JSON.stringify(text)}`)
    for (const text of bad) t.notOk(test(text), `${name} refuses ${JSON.stringify(text)}`)
    t.equal(Format.Test(`${FORMAT_PREFIX}${name}`, good[0]!), true, `${name} is known to TypeBox`)
  }
})

t.test('the formats of JSON Schema', async (t) => {
  const cases: Record<string, [good: string, bad: string]> = {
    date: ['2026-11-25', '2026-02-30'],
    'date-time': ['2026-11-25T14:30:00Z', '2026-11-25 14:30'],
    duration: ['P1D', '1 day'],
    email: ['a@b.co', '"<script>"@x.org'],
    hostname: ['a.co', 'a_b'],
    ipv4: ['1.2.3.4', '::1'],
    ipv6: ['::1', '1.2.3.4'],
    'json-pointer': ['/a', 'a'],
    password: ['x', ''],
    time: ['14:30:00Z', 'x'],
    uri: ['https://a.co', 'a'],
    'uri-reference': ['/a', '\\'],
    url: ['https://a.co', 'javascript:1'],
    uuid: ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'x']
  }
  t.same([...STANDARD_FORMATS.keys()].sort(), Object.keys(cases).sort())
  for (const [name, [good, bad]] of Object.entries(cases)) {
    t.ok(STANDARD_FORMATS.get(name)!(good), name)
    if (name !== 'password') t.notOk(STANDARD_FORMATS.get(name)!(bad), name)
  }
  t.same([...BOUNDED_FORMATS].filter((name) => !FORMATS.has(name) && !STANDARD_FORMATS.has(name)), [])
})

t.test('the formats of the process are those of TypeBox', async (t) => {
  t.ok(Format.Test('email', 'a@b'), 'which is looser than ours')
  for (const [name] of Format.Entries()) t.ok(!FORMATS.has(name) || name.startsWith(FORMAT_PREFIX))
})

t.test('a long text takes no long', async (t) => {
  // What is quadratic or worse would not end within the time that a test has.
  for (const text of ['a'.repeat(1e6), `a@${'a.'.repeat(5e5)}`, '-'.repeat(1e6), 'a-'.repeat(5e5), '1'.repeat(1e6), `https://${'a'.repeat(1e6)}`, ':'.repeat(1e6)]) {
    for (const [name, test] of [...FORMATS, ...STANDARD_FORMATS]) t.type(test(text), 'boolean', name)
  }
})
