import t from 'tap'
import { judgeCookies } from '../../../lib/cli/observatory-cookies.ts'

const cases: Array<[headers: string[], hasHsts: boolean, result: string]> = [
  [[], true, 'cookies-not-found'],
  [['heroku-session-affinity=1'], true, 'cookies-not-found'],
  [['a=1; Domain=other.test'], true, 'cookies-not-found'],
  [['a=1; Secure; SameSite=Lax'], true, 'cookies-secure-with-httponly-sessions-and-samesite'],
  [['a=1; Secure; SameSite=Lax', 'b=1; Secure'], true, 'cookies-secure-with-httponly-sessions'],
  [['a=1; SameSite=Lax'], true, 'cookies-without-secure-flag-but-protected-by-hsts'],
  [['a=1; SameSite=Lax'], false, 'cookies-without-secure-flag'],
  [['a=1; SameSite=None'], true, 'cookies-samesite-flag-invalid'],
  [['a=1; Secure; SameSite=loose'], true, 'cookies-samesite-flag-invalid'],
  [['a=1; Secure; SameSite'], true, 'cookies-samesite-flag-invalid'],
  [['_csrf=1; Secure'], true, 'cookies-anticsrf-without-samesite-flag'],
  [['sid-session=1; Secure'], true, 'cookies-session-without-httponly-flag'],
  [['LOGIN=1; HttpOnly'], true, 'cookies-session-without-secure-flag-but-protected-by-hsts'],
  [['LOGIN=1; HttpOnly'], false, 'cookies-session-without-secure-flag'],
  [['a=1', 'sess=1; Secure; HttpOnly; SameSite=Lax'], false, 'cookies-without-secure-flag'],
  [['a=1', 'sess=1; Secure; SameSite=Lax'], false, 'cookies-session-without-httponly-flag'],
  [['sess=1; Secure', 'sess=2; Secure; HttpOnly; SameSite=Strict'], true, 'cookies-secure-with-httponly-sessions-and-samesite']
]
for (const [headers, hasHsts, result] of cases) t.test(`${headers.join(' and ') || 'no cookie'} with${hasHsts ? '' : 'out'} HSTS is ${result}`, async (t) => t.equal(judgeCookies(headers, 'a.test', hasHsts), result))
