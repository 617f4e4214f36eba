import t from 'tap'
import { sessionIdOf, type MaybeSession } from '../../../lib/csrf/session-id.ts'

function request (decorators: string[], session?: unknown): MaybeSession {
  const has = (name: string): boolean => decorators.includes(name)
  return { server: { hasDecorator: has, hasRequestDecorator: has }, get session () { return session === 'never' ? t.fail('it was decoded') : session } }
}

const cases: Array<[rule: string, request: MaybeSession, id: string | undefined]> = [
  ['the id of our session', request(['sessions', 'session'], { id: 'a' }), 'a'],
  ['no session yet', request(['sessions', 'session'], { id: undefined }), undefined],
  ['an id that is no text', request(['sessions', 'session'], { id: 1 }), undefined],
  ['no session object', request(['sessions', 'session'], null), undefined],
  ['the session of somebody else is not touched', request(['session'], 'never'), undefined],
  ['nor is anything where there is none', request(['sessions'], 'never'), undefined]
]
for (const [rule, given, id] of cases) {
  t.test(rule, async (t) => t.equal(sessionIdOf(given), id))
}
