import t from 'tap'
import { judgeLocation } from '../../../lib/redirect/location.ts'
import { Resolver } from '../../../lib/redirect/resolver.ts'

const resolver = new Resolver({ origin: 'https://app.test', hosts: ['good.test'] }, 'redirect')

const kept: Array<[what: string, location: string]> = [
  ['a path', '/home'],
  ['a path with a slash behind it, as @fastify/static sends', '/assets/images/'],
  ['a relative path', 'next'],
  ['a path that the parser would shorten', '/a/../b'],
  ['the own origin', 'https://app.test/home'],
  ['the own origin without a path', 'https://app.test'],
  ['the own host without a scheme', '//app.test/home'],
  ['a host of the list', 'https://good.test/x']
]

for (const [what, location] of kept) {
  t.test(`left alone: ${what}`, async (t) => t.match(judgeLocation(location, '/a/b', resolver), { ok: true, href: location }))
}

const encoded: Array<[what: string, location: string, href: string]> = [
  ['what Node refuses', '/日本', 'https://app.test/%E6%97%A5%E6%9C%AC'],
  ['what Node sends in latin-1', '/café', 'https://app.test/caf%C3%A9'],
  ['an emoji', '/🦊', 'https://app.test/%F0%9F%A6%8A'],
  ['a space', '/a b', 'https://app.test/a%20b'],
  ['a tab', '/a\tb', 'https://app.test/ab'],
  ['a line break', '/a\r\nSet-Cookie: a=b', 'https://app.test/aSet-Cookie:%20a=b'],
  ['a backslash', '/a\\b', 'https://app.test/a/b'],
  ['a relative path beyond ASCII', 'é', 'https://app.test/a/%C3%A9'],
  ['a scheme without slashes', 'https:b', 'https://app.test/a/b'],
  ['a host of the list without a scheme', '//good.test/x', 'https://good.test/x']
]

for (const [what, location, href] of encoded) {
  t.test(`sent as the parser writes it: ${what}`, async (t) => t.match(judgeLocation(location, '/a/b', resolver), { ok: true, href }))
}

const refused: Array<[what: string, location: unknown, reason: string]> = [
  ['another host', 'https://evil.test/', 'host'],
  ['a tab between slashes', '/\t/evil.test', 'host'],
  ['the own host over plain http', 'http://app.test/', 'insecure'],
  ['nothing, as for a parameter that is missing', '', 'empty'],
  ['two of them', ['/a', '/b'], 'type'],
  ['a number', 5, 'type']
]

for (const [what, location, reason] of refused) {
  t.test(`refused: ${what}`, async (t) => t.same(judgeLocation(location, '/a/b', resolver), { ok: false, reason }))
}
