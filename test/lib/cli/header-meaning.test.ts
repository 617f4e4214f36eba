import t from 'tap'
import { Planner } from '../../../lib/headers/planner.ts'
import { meaningOfHeader, obsolescenceOf } from '../../../lib/cli/header-meaning.ts'

t.test('every header of the default set is explained', async (t) => {
  const { document, nonDocument } = new Planner({ preset: 'strict', crossOriginEmbedderPolicy: 'require-corp', reporting: { endpoints: { csp: '/r' } }, xXssProtection: '0', lint: 'off' }).plan
  for (const [name] of [...document.https.pairs, ...nonDocument.https.pairs]) t.match(meaningOfHeader(name), /^[A-Z].*\.$/, name)
})

t.test('an obsolete header says so, and why', async (t) => {
  t.equal(meaningOfHeader('feature-policy'), 'Has no effect any more. Permissions-Policy stands in its place.')
  t.equal(obsolescenceOf('feature-policy'), 'Permissions-Policy stands in its place.')
  t.equal(obsolescenceOf('content-security-policy'), undefined)
})

t.test('what is not about security, or is a name of every object, is not explained', async (t) => {
  for (const name of ['content-length', 'constructor', '__proto__']) {
    t.equal(meaningOfHeader(name), undefined, name)
    t.equal(obsolescenceOf(name), undefined, name)
  }
})
