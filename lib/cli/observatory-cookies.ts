import { isKept, parseSetCookie, type SetCookie } from './set-cookie.ts'

/** The bad results, the mildest first. */
const WORSE = ['cookies-without-secure-flag-but-protected-by-hsts', 'cookies-without-secure-flag', 'cookies-session-without-secure-flag-but-protected-by-hsts',
  'cookies-samesite-flag-invalid', 'cookies-anticsrf-without-samesite-flag', 'cookies-session-without-httponly-flag', 'cookies-session-without-secure-flag'] as const

type Bad = typeof WORSE[number]

/** Cookies that the Observatory leaves out. */
const IGNORED: ReadonlySet<string> = new Set(['heroku-session-affinity'])

/** Verdict on all cookies that `host` set: that of the worst. */
export function judgeCookies (headers: readonly string[], host: string, hasHsts: boolean): string {
  const cookies = new Map(headers.map(parseSetCookie).filter((cookie) => cookie !== undefined).map((cookie) => [cookie.name, cookie]))
  const kept = [...cookies.values()].filter((cookie) => isKept(cookie, host) && !IGNORED.has(cookie.name))
  if (kept.length === 0) return 'cookies-not-found'
  const faults = [...headers.some(hasStrangeSameSite) ? ['cookies-samesite-flag-invalid' as const] : [], ...kept.flatMap((cookie) => faultsOf(cookie, hasHsts))]
  if (faults.length > 0) return faults.reduce((worst, fault) => WORSE.indexOf(fault) > WORSE.indexOf(worst) ? fault : worst)
  return kept.every((cookie) => sameSite(cookie) !== undefined) ? 'cookies-secure-with-httponly-sessions-and-samesite' : 'cookies-secure-with-httponly-sessions'
}

function faultsOf (cookie: SetCookie, hasHsts: boolean): Bad[] {
  const { name, attributes } = cookie
  const isSession = /login|sess/i.test(name)
  const faults: Bad[] = []
  if (!attributes.has('secure')) {
    faults.push(hasHsts ? 'cookies-without-secure-flag-but-protected-by-hsts' : 'cookies-without-secure-flag')
    if (isSession) faults.push(hasHsts ? 'cookies-session-without-secure-flag-but-protected-by-hsts' : 'cookies-session-without-secure-flag')
    if (sameSite(cookie) === 'none') faults.push('cookies-samesite-flag-invalid')
  }
  if (/csrf/i.test(name) && sameSite(cookie) === undefined) faults.push('cookies-anticsrf-without-samesite-flag')
  if (isSession && !attributes.has('httponly')) faults.push('cookies-session-without-httponly-flag')
  return faults
}

function sameSite ({ attributes }: SetCookie): string | undefined {
  const value = attributes.get('samesite')?.toLowerCase() ?? ''
  return ['strict', 'lax', 'none'].includes(value) ? value : undefined
}

function hasStrangeSameSite (header: string): boolean {
  const cookie = parseSetCookie(header)
  return cookie !== undefined && cookie.attributes.has('samesite') && sameSite(cookie) === undefined
}
