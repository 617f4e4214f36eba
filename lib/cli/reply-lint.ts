import { findingsOf, readPolicies } from './csp-reading.ts'
import { bySeverity, finding, type Finding } from '../headers/finding.ts'
import { isDocument as isDocumentType } from '../headers/document-type.ts'
import { YEAR } from '../headers/strict-transport-security.ts'
import { obsolescenceOf } from './header-meaning.ts'
import { isKept, parseSetCookie } from './set-cookie.ts'

/** A reply as far as it is judged. */
export interface JudgedReply {
  /** By name in lower case, those of one name joined. */
  readonly headers: ReadonlyMap<string, string>
  readonly cookies: readonly string[]
  readonly isHttps: boolean
  readonly host: string
}

/** What is missing from the headers of a reply, and what is wrong in them, the most serious first. */
export function lintReply (reply: JudgedReply): Finding[] {
  return bySeverity([policy, framing, transport, sniffing, referrer, isolation, cookies, leftovers].flatMap((check) => check(reply)))
}

function isDocument ({ headers }: JudgedReply): boolean {
  return isDocumentType(headers.get('content-type'))
}

function policy (reply: JudgedReply): Finding[] {
  const { headers } = reply
  const enforced = readPolicies(headers.get('content-security-policy') ?? '')
  if (enforced.length === 0) {
    if (!isDocument(reply)) return [finding('policy-missing', 'info', 'content-security-policy', "A reply that is no page needs no more than `default-src 'none'; frame-ancestors 'none'`, in case a browser shows it as one.")]
    return headers.has('content-security-policy-report-only')
      ? [finding('policy-not-enforced', 'medium', 'content-security-policy', 'The policy is only reported: nothing is blocked.')]
      : [finding('policy-missing', 'high', 'content-security-policy', 'No policy: an injected script runs.')]
  }
  if (!isDocument(reply)) return []
  const endpoints = [...(headers.get('reporting-endpoints') ?? '').matchAll(/(?:^|,)\s*([a-z*][a-z0-9_.*-]*)\s*=/g)].map(([, name]) => name!)
  return findingsOf(enforced, endpoints)
}

function framing (reply: JudgedReply): Finding[] {
  const value = reply.headers.get('x-frame-options')
  const isValid = /^\s*(?:deny|sameorigin)\s*$/i.test(value ?? '')
  if (value !== undefined && !isValid) return [finding('frame-options-invalid', 'low', 'x-frame-options', 'The values are DENY and SAMEORIGIN, once: anything else is passed over.')]
  const hasAncestors = readPolicies(reply.headers.get('content-security-policy') ?? '').some(({ policy }) => policy.has('frame-ancestors'))
  return !isDocument(reply) || isValid || hasAncestors ? [] : [finding('framing-open', 'medium', 'x-frame-options', 'Neither frame-ancestors nor X-Frame-Options: any site may frame the page.')]
}

function transport ({ headers, isHttps }: JudgedReply): Finding[] {
  const value = headers.get('strict-transport-security')
  const where = 'strict-transport-security'
  if (!isHttps) return [finding('plain-http', 'medium', 'url', 'Anybody on the way can read and change the reply.')]
  if (value === undefined) return [finding('hsts-missing', 'medium', where, 'Browsers may ask this host over plain http the next time.')]
  const maxAge = /(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(value)?.[1]
  if (maxAge === undefined) return [finding('hsts-invalid', 'medium', where, 'Without a valid max-age the header has no effect.')]
  return Number(maxAge) < YEAR ? [finding('hsts-short', 'medium', where, 'Less than a year (ASVS 5.0 3.4.1).')] : []
}

function sniffing ({ headers }: JudgedReply): Finding[] {
  return headers.get('x-content-type-options')?.trim().toLowerCase() === 'nosniff' ? [] : [finding('nosniff-missing', 'medium', 'x-content-type-options', 'Browsers may take the reply for another type: send nosniff.')]
}

function referrer (reply: JudgedReply): Finding[] {
  const words = reply.headers.get('referrer-policy')?.toLowerCase().split(',').map((word) => word.trim())
  if (words === undefined) return isDocument(reply) ? [finding('referrer-policy-missing', 'low', 'referrer-policy', 'How much of the address other sites learn is left to the browser.')] : []
  const last = words.at(-1)!
  return last === 'unsafe-url' || last === 'no-referrer-when-downgrade' ? [finding('referrer-leaks', 'medium', 'referrer-policy', 'The whole address, query included, goes to other sites.')] : []
}

function isolation (reply: JudgedReply): Finding[] {
  const { headers } = reply
  const findings: Finding[] = []
  if (!headers.has('cross-origin-resource-policy')) findings.push(finding('embedding-open', 'low', 'cross-origin-resource-policy', 'Any site may embed the reply.'))
  if (isDocument(reply) && !headers.has('cross-origin-opener-policy')) findings.push(finding('opener-open', 'low', 'cross-origin-opener-policy', 'A site that opens the page holds on to its window.'))
  if (isDocument(reply) && !headers.has('permissions-policy')) findings.push(finding('permissions-open', 'info', 'permissions-policy', 'Features such as the camera are left to the browser.'))
  if (headers.get('access-control-allow-origin')?.trim() === 'null') findings.push(finding('cors-null', 'medium', 'access-control-allow-origin', 'Any sandboxed frame has the origin null.'))
  return findings
}

function cookies ({ cookies, isHttps, host }: JudgedReply): Finding[] {
  return cookies.map(parseSetCookie).flatMap((cookie) => {
    if (cookie === undefined) return [finding('cookie-refused', 'medium', 'set-cookie', 'A cookie without a name.')]
    const { name, attributes } = cookie
    const where = `set-cookie ${name}`
    const sameSite = attributes.get('samesite')?.toLowerCase() ?? ''
    const findings: Finding[] = []
    if (!isKept(cookie, host) || (sameSite === 'none' && !attributes.has('secure'))) findings.push(finding('cookie-refused', 'medium', where, 'Browsers refuse this cookie: its attributes do not fit its name, its host or each other.'))
    if (!attributes.has('secure')) findings.push(finding('cookie-insecure', isHttps ? 'medium' : 'low', where, 'Without Secure it is sent over plain http, too.'))
    if (/login|sess|auth|remember/i.test(name) && !attributes.has('httponly')) findings.push(finding('cookie-readable', 'medium', where, 'Without HttpOnly an injected script reads it.'))
    if (!['strict', 'lax', 'none'].includes(sameSite)) findings.push(finding('cookie-cross-site', 'low', where, 'Without SameSite it depends on the browser whether other sites can send it.'))
    return findings
  })
}

function leftovers ({ headers }: JudgedReply): Finding[] {
  const findings: Finding[] = []
  for (const name of headers.keys()) {
    const reason = obsolescenceOf(name)
    if (reason !== undefined) findings.push(finding('header-obsolete', 'info', name, reason))
  }
  const filter = headers.get('x-xss-protection')?.trim()
  if (filter !== undefined && !filter.startsWith('0')) findings.push(finding('xss-protection-on', 'high', 'x-xss-protection', 'The filter let attackers probe what is on a page: send 0 or nothing.'))
  for (const name of ['server', 'x-powered-by']) {
    const value = headers.get(name) ?? ''
    if (/\d/.test(value)) findings.push(finding('version-told', 'low', name, 'The version tells an attacker which holes to try.'))
    else if (name === 'x-powered-by' && value !== '') findings.push(finding('software-told', 'info', name, 'It tells the software of the server and serves nobody.'))
  }
  return findings
}
