import { Type, type TObject } from 'typebox'
import { equalTo, f } from '../../plugins/input.ts'

// Bodies that nobody means well by, for the tests and for the bench.

/** A form with a field of every kind. */
export const Schema: TObject = Type.Object({
  name: f.username(),
  email: f.email(),
  password: f.secret(),
  again: f.secret(),
  age: Type.Optional(f.integer()),
  price: f.decimal(),
  text: f.text({ multiline: true }),
  news: f.checkbox(),
  tags: f.list(f.text()),
  items: f.list(Type.Object({ n: f.text(), c: f.integer() })),
  either: Type.Union([Type.Object({ k: Type.Literal('a'), x: f.text() }), f.integer()]),
  record: Type.Optional(Type.Record(Type.String(), f.text()))
})
export const OPTIONS: object = { check: { again: equalTo('password') }, filters: { email: (email: string) => email.toLowerCase() } }

/** A generator of numbers that is the same in every run (mulberry32). */
function numbers (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The same in every run. */
export const random: () => number = numbers(7)
export const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!

const NAMES = [
  'name', 'email', 'password', 'again', 'age', 'price', 'text', 'news', 'tags', 'tags.0', 'items', 'items.0.n', 'items.0.c', 'items.99999.n', 'items.-1.n', 'either', 'either.k', 'either.x', 'record.__proto__', 'record.a', '__proto__', 'constructor',
  'constructor.prototype.x', 'prototype', 'toString', 'hasOwnProperty', '', '.', '..', 'a[]', 'a[b]', '\0', '\ufffd', '\ud800', '_csrf', 'x'.repeat(5000), `${'a.'.repeat(500)}b`
]
export const TEXTS: readonly string[] = [
  '', ' ', 'anna', 'a@b.co', '1', '-1', '1e999', '0x10', '1.5', '9'.repeat(400), 'true', 'on', 'null', 'NaN', '\0', '\r\n', '\u202e', '\ud800', '\ufffd', '\u{1f600}'.repeat(50), 'e\u0301', '\u0316'.repeat(5000), "' OR '1'='1", '<script>', '{{7*7}}', '../../etc/passwd',
  'a'.repeat(20_000), `a@${'a.'.repeat(2000)}`, '--', '{}', '[object Object]', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'javascript:alert(1)', 'x'.repeat(130)
]
const WHOLES: ReadonlyArray<() => unknown> = [
  () => null, () => undefined, () => 3, () => 'text', () => true, () => [], () => Array(2000).fill(1), () => [[[[[[[[[[[[1]]]]]]]]]]]],
  () => Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index])), () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as unknown
]

function value (depth: number): unknown {
  const kind = random()
  if (kind < 0.55) return pick(TEXTS)
  if (kind < 0.7) return pick([0, -0, 1, 1.5, 1e308, -1e308, 2 ** 53, null, true, false])
  if (depth > 9) return 1
  if (kind < 0.85) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1))
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 4) }, () => [pick(NAMES), value(depth + 1)]))
}

export function jsonBody (): unknown {
  if (random() < 0.05) return pick(WHOLES)()
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 14) }, () => [pick(NAMES), value(1)]))
}

export function formBody (): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 14) }, () => [pick(NAMES), random() < 0.9 ? pick(TEXTS) : [pick(TEXTS), pick(TEXTS)]]))
}

export const TYPES: readonly string[] = [
  'application/json', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'application/json; charset=utf-16', 'application/json; charset=utf-7', 'text/plain', 'text/html', 'multipart/form-data; boundary=x', 'application/xml',
  'APPLICATION/JSON', 'application/json\t', ' application/json', 'application/json;', 'application/json,text/plain', '', ';', 'application', 'application/x-www-form-urlencoded; charset="utf-8"', 'application/vnd.x+json', '/'
]

/** What costs most for its size, each in at most the megabyte that Fastify takes: by itself, without luck. */
export const LARGE: ReadonlyArray<readonly [what: string, type: 'json' | 'form', payload: () => string]> = [
  ['100,000 names', 'form', () => Array.from({ length: 100_000 }, (_, index) => `k${index}=`).join('&')],
  ['999 members of a list of objects', 'form', () => Array.from({ length: 999 }, (_, index) => `items.${index}.n=x`).join('&')],
  ['999 members of a list, from its end', 'form', () => Array.from({ length: 999 }, (_, index) => `tags.${99_999 - index}=x`).join('&')],
  ['999 names of a record', 'form', () => Array.from({ length: 999 }, (_, index) => `record.k${index}=x`).join('&')],
  ['a name of 400,000 steps', 'form', () => `${'a.'.repeat(400_000)}b=1`],
  ['a name that comes 300,000 times', 'form', () => 'n=x&'.repeat(250_000)],
  ['a megabyte of percent signs', 'form', () => `name=${'%'.repeat(1_000_000)}`],
  ['a megabyte of letters for an address', 'form', () => `email=${'a'.repeat(1_000_000)}`],
  ['300,000 marks on one letter', 'form', () => `text=a${'%CC%81'.repeat(150_000)}`],
  ['letters with 30 marks each, in a form', 'form', () => `text=${`a${'%CC%81'.repeat(30)}`.repeat(5500)}`],
  ['letters with 30 marks each, in JSON', 'json', () => JSON.stringify({ text: `a${'\u0301'.repeat(30)}`.repeat(16_000) })],
  ['letters with 30 marks in the wrong order', 'json', () => JSON.stringify({ text: `a${'\u0345\u0301\u0327\u0316\u031b'.repeat(6)}`.repeat(16_000) })],
  ['half a million brackets', 'json', () => '['.repeat(500_000) + ']'.repeat(500_000)],
  ['200,000 open objects', 'json', () => '{"a":'.repeat(200_000)],
  ['70,000 names', 'json', () => JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, 1])))],
  ['half a million members', 'json', () => JSON.stringify({ tags: Array(500_000).fill(1) })],
  ['300,000 empty objects', 'json', () => JSON.stringify({ items: Array(300_000).fill({}) })],
  ['999 unknown names of 1000 characters', 'json', () => JSON.stringify(Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`${'x'.repeat(1000)}${index}`, 1])))],
  ['a megabyte in a secret', 'json', () => JSON.stringify({ password: '\u{1f600}'.repeat(240_000) })],
  ['a megabyte in a name', 'json', () => JSON.stringify({ ['\u00e9'.repeat(500_000)]: 1 })],
  ['a number of a million digits', 'json', () => `{"age":${'9'.repeat(1_000_000)}}`]
]
