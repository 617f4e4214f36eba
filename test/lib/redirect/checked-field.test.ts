import t from 'tap'
import { checkBody, checkQuery, kTarget, type CheckedField, type CheckedRequest } from '../../../lib/redirect/checked-field.ts'
import type { Verification } from '../../../lib/redirect/signed-next.ts'
import { Resolver } from '../../../lib/redirect/resolver.ts'
import { MemoryRequest } from './memory-reply.ts'

const resolver = new Resolver({ origin: 'https://app.test' }, 'redirect')
const FIELD: CheckedField = { name: 'next', inQuery: true, inBody: true, fallback: 'https://app.test/', rejects: true, verify: () => ({ ok: false, reason: 'form' }) }
const HOME = 'https://app.test/home'

type Case = [what: string, part: unknown, target: string | undefined, reason: string | undefined]

const cases: Case[] = [
  ['a target', { next: '/home' }, HOME, undefined],
  ['a relative one', { next: 'c' }, 'https://app.test/a/c', undefined],
  ['none', {}, FIELD.fallback, undefined],
  ['a target under another name', { Next: '/home' }, FIELD.fallback, undefined],
  ['one that is inherited', Object.create({ next: '/home' }), FIELD.fallback, undefined],
  ['a part without a prototype', Object.assign(Object.create(null), { next: '/home' }), HOME, undefined],
  ['no part', undefined, FIELD.fallback, undefined],
  ['null', null, FIELD.fallback, undefined],
  ['a text', 'next=/home', FIELD.fallback, undefined],
  ['bytes', Buffer.from('x'), FIELD.fallback, undefined],
  ['a list', ['/home'], FIELD.fallback, undefined],
  ['a target that leaves', { next: 'https://evil.test' }, undefined, 'host'],
  ['an empty one', { next: '' }, undefined, 'empty'],
  ['a repeated key', { next: ['/home', '/home'] }, undefined, 'type'],
  ['an object', { next: { a: '/home' } }, undefined, 'type'],
  ['null for a target', { next: null }, undefined, 'type'],
  ['a number', { next: 5 }, undefined, 'type']
]

for (const [where, check] of [['query', checkQuery], ['body', checkBody]] as const) {
  for (const [what, part, target, reason] of cases) {
    t.test(`${where}: ${what}`, async (t) => {
      const request = new MemoryRequest({ [where]: part })
      const checked: CheckedRequest = request
      if (where === 'body') checkQuery(checked, FIELD, resolver)
      const error = check(checked, FIELD, resolver)
      if (reason === undefined) {
        t.equal(error, undefined)
        t.equal(checked[kTarget], target)
      } else {
        t.match(error, { code: 'BULWARK_ERR_REDIRECT_UNSAFE', statusCode: 400 })
        t.match(request.lines, [{ reason }])
        t.equal(check(checked, { ...FIELD, rejects: false }, resolver), undefined, 'or the fallback takes its place')
        t.equal(checked[kTarget], FIELD.fallback)
      }
    })
  }
}

t.test('the body goes before the query, and only what is named is looked at', async (t) => {
  const request: CheckedRequest = new MemoryRequest({ query: { next: '/home' }, body: { next: '/body' } })
  checkQuery(request, FIELD, resolver)
  t.equal(request[kTarget], HOME)
  checkBody(request, { ...FIELD, inBody: false }, resolver)
  t.equal(request[kTarget], HOME)
  checkBody(request, FIELD, resolver)
  t.equal(request[kTarget], 'https://app.test/body')
  checkQuery(request, { ...FIELD, inQuery: false }, resolver)
  t.equal(request[kTarget], FIELD.fallback)
})

t.test('a token leads where it was signed for, if that is still safe; one that is not good any more leads to the fallback, also where targets are refused', async (t) => {
  const tokens: Array<[what: string, verification: Verification, target: string | undefined, reason: string | undefined]> = [
    ['good', { ok: true, href: HOME }, HOME, undefined],
    ['to a host that is not on the list any more', { ok: true, href: 'https://once.test/' }, undefined, 'host'],
    ['expired', { ok: false, reason: 'expired' }, FIELD.fallback, 'expired'],
    ['forged', { ok: false, reason: 'signature' }, FIELD.fallback, 'signature'],
    ['none, but a target', { ok: false, reason: 'form' }, 'https://app.test/a/token', undefined]
  ]
  for (const [what, verification, target, reason] of tokens) {
    const request = new MemoryRequest({ query: { next: 'token' } })
    const error = checkQuery(request, { ...FIELD, verify: () => verification }, resolver)
    if (target === undefined) t.match(error, { code: 'BULWARK_ERR_REDIRECT_UNSAFE' }, what)
    else t.same([error, (request as CheckedRequest)[kTarget]], [undefined, target], what)
    t.match(request.lines, reason === undefined ? [] : [{ reason }], what)
  }
})
