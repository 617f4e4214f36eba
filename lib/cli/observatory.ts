import { judgeCookies } from './observatory-cookies.ts'
import { judgePolicy } from './observatory-policy.ts'

/** What the MDN HTTP Observatory gives and takes for each result (its algorithm 4, version 1.4.8 of its package). */
export const MODIFIERS: Readonly<Record<string, number>> = {
  'csp-implemented-with-no-unsafe-default-src-none': 10,
  'csp-implemented-with-no-unsafe': 5,
  'csp-implemented-with-unsafe-inline-in-style-src-only': 0,
  'csp-implemented-but-duplicate-directives': 0,
  'csp-implemented-with-insecure-scheme-in-passive-content-only': -10,
  'csp-implemented-with-unsafe-eval': -10,
  'csp-implemented-with-unsafe-inline': -20,
  'csp-implemented-with-insecure-scheme': -20,
  'csp-header-invalid': -25,
  'csp-not-implemented': -25,
  'csp-not-implemented-but-reporting-enabled': -25,
  'cookies-secure-with-httponly-sessions-and-samesite': 5,
  'cookies-secure-with-httponly-sessions': 0,
  'cookies-not-found': 0,
  'cookies-without-secure-flag-but-protected-by-hsts': -5,
  'cookies-session-without-secure-flag-but-protected-by-hsts': -10,
  'cookies-without-secure-flag': -20,
  'cookies-samesite-flag-invalid': -20,
  'cookies-anticsrf-without-samesite-flag': -20,
  'cookies-session-without-httponly-flag': -30,
  'cookies-session-without-secure-flag': -40,
  'cross-origin-resource-sharing-not-implemented': 0,
  'cross-origin-resource-sharing-implemented-with-public-access': 0,
  'cross-origin-resource-sharing-implemented-with-restricted-access': 0,
  'cross-origin-resource-sharing-implemented-with-universal-access': -50,
  'redirection-to-https': 0,
  'redirection-not-needed-no-http': 0,
  'redirection-off-host-from-http': -5,
  'redirection-not-to-https-on-initial-redirection': -10,
  'redirection-not-to-https': -20,
  'redirection-missing': -20,
  'redirection-invalid-cert': -20,
  'referrer-policy-private': 5,
  'referrer-policy-not-implemented': 0,
  'referrer-policy-unsafe': -5,
  'referrer-policy-header-invalid': -5,
  'hsts-implemented-max-age-at-least-six-months': 0,
  'hsts-implemented-max-age-less-than-six-months': -10,
  'hsts-not-implemented': -20,
  'hsts-header-invalid': -20,
  'hsts-not-implemented-no-https': -20,
  'hsts-invalid-cert': -20,
  'sri-not-implemented-response-not-html': 0,
  'x-content-type-options-nosniff': 0,
  'x-content-type-options-not-implemented': -5,
  'x-content-type-options-header-invalid': -5,
  'x-frame-options-implemented-via-csp': 5,
  'x-frame-options-sameorigin-or-deny': 0,
  'x-frame-options-allow-from-origin': 0,
  'x-frame-options-not-implemented': -20,
  'x-frame-options-header-invalid': -20,
  'corp-implemented-with-same-origin': 10,
  'corp-implemented-with-same-site': 10,
  'corp-implemented-with-cross-origin': 0,
  'corp-not-implemented': 0,
  'corp-header-invalid': -5
}

/** Seconds of six months, as generously as the Observatory counts them. */
const SIX_MONTHS = 15_552_000

/** Bonus counts for who keeps at least so many points without it. */
const BONUS_FROM = 90

const GRADES: ReadonlyArray<readonly [least: number, grade: string]> = [
  [100, 'A+'], [90, 'A'], [85, 'A-'], [80, 'B+'], [70, 'B'], [65, 'B-'], [60, 'C+'], [50, 'C'], [45, 'C-'], [40, 'D+'], [30, 'D'], [25, 'D-'], [0, 'F']
]

/** The grades, the best first. */
export const GRADE_NAMES: readonly string[] = GRADES.map(([, grade]) => grade)

/** What was seen of a site. What was not asked is `undefined`, and is not judged. */
export interface Observation {
  /** Where the reply came from at last. */
  readonly url: URL
  /** The headers of the reply, names in lower case, those of one name joined by `, `. */
  readonly headers: ReadonlyMap<string, string>
  /** Every `Set-Cookie` of the reply. */
  readonly cookies: readonly string[]
  /** Whether the certificate was valid, over https. */
  readonly isVerified: boolean
  /** The addresses from the first one over http to where it led; `null` where nothing answers over http. */
  readonly route?: readonly URL[] | null | undefined
  /** The reply to a preflight request: what it allows to a foreign origin. */
  readonly cors?: { readonly origin: string, readonly headers: ReadonlyMap<string, string> } | undefined
}

/** One test of the Observatory. */
export interface Verdict {
  readonly test: string
  /** `null` where what the test needs was not asked for. */
  readonly result: string | null
  readonly modifier: number
}

/** The verdicts of all tests, in its order. */
export function judge (observation: Observation): Verdict[] {
  const { url, headers, cookies, isVerified } = observation
  const policy = judgePolicy(headers.get('content-security-policy'), (headers.get('content-security-policy-report-only') ?? '') !== '', url.protocol === 'https:')
  const hsts = judgeHsts(url, headers.get('strict-transport-security'), isVerified)
  const results: Array<readonly [string, string | null]> = [
    ['content-security-policy', policy.result],
    ['cookies', judgeCookies(cookies, url.hostname, hsts === 'hsts-implemented-max-age-at-least-six-months')],
    ['cross-origin-resource-sharing', judgeCors(observation.cors)],
    ['redirection', judgeRoute(observation.route, isVerified)],
    ['referrer-policy', judgeReferrerPolicy(headers.get('referrer-policy'))],
    ['strict-transport-security', hsts],
    ['subresource-integrity', /^(?:text\/html|application\/xhtml\+xml)(?:;|$)/.test(headers.get('content-type') ?? '') ? null : 'sri-not-implemented-response-not-html'],
    ['x-content-type-options', judgeWord('x-content-type-options', headers.get('x-content-type-options'), { nosniff: 'nosniff' })],
    ['x-frame-options', policy.hasFrameAncestors ? 'x-frame-options-implemented-via-csp' : judgeFrameOptions(headers.get('x-frame-options'))],
    ['cross-origin-resource-policy', judgeWord('corp', headers.get('cross-origin-resource-policy'), { 'same-origin': 'implemented-with-same-origin', 'same-site': 'implemented-with-same-site', 'cross-origin': 'implemented-with-cross-origin' })]
  ]
  return results.map(([test, result]) => ({ test, result, modifier: result === null ? 0 : MODIFIERS[result]! }))
}

/** Points and grade of verdicts. */
export function gradeOf (verdicts: readonly Verdict[]): { readonly score: number, readonly grade: string } {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const modifiers = verdicts.map(({ modifier }) => modifier)
  const uncurved = 100 + sum(modifiers.filter((modifier) => modifier < 0))
  const score = Math.max(0, uncurved >= BONUS_FROM ? 100 + sum(modifiers) : uncurved)
  return { score, grade: GRADES.find(([least]) => score >= least)![1] }
}

/** The least score of a grade; `undefined` for what is none. */
export function leastScore (grade: string): number | undefined {
  return GRADES.find(([, name]) => name === grade.toUpperCase())?.[0]
}

function judgeHsts (url: URL, header: string | undefined, isVerified: boolean): string {
  if (url.protocol !== 'https:') return 'hsts-not-implemented-no-https'
  if (!isVerified) return 'hsts-invalid-cert'
  if (header === undefined) return 'hsts-not-implemented'
  // A comma is that of two headers.
  const maxAge = header.includes(',') ? undefined : /(?:^|;)\s*max-age="?(\d+)"?\s*(?:;|$)/i.exec(header)?.[1]
  if (maxAge === undefined) return 'hsts-header-invalid'
  return Number(maxAge) < SIX_MONTHS ? 'hsts-implemented-max-age-less-than-six-months' : 'hsts-implemented-max-age-at-least-six-months'
}

function judgeRoute (route: readonly URL[] | null | undefined, isVerified: boolean): string | null {
  if (route === undefined) return null
  if (route === null) return 'redirection-not-needed-no-http'
  const [first, second] = route as [URL, URL?]
  if (second === undefined) return 'redirection-missing'
  const last = route.at(-1)!
  if (last.protocol !== 'https:') return 'redirection-not-to-https'
  if (!isVerified) return 'redirection-invalid-cert'
  if (second.protocol === 'http:') return 'redirection-not-to-https-on-initial-redirection'
  return first.hostname === second.hostname ? 'redirection-to-https' : 'redirection-off-host-from-http'
}

const PRIVATE = ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']
const REVEALING = ['origin', 'origin-when-cross-origin', 'unsafe-url', 'no-referrer-when-downgrade']

function judgeReferrerPolicy (header: string | undefined): string {
  if (header === undefined) return 'referrer-policy-not-implemented'
  const last = header.split(',').map((word) => word.trim().toLowerCase()).filter((word) => PRIVATE.includes(word) || REVEALING.includes(word)).at(-1)
  if (last === undefined) return 'referrer-policy-header-invalid'
  return PRIVATE.includes(last) ? 'referrer-policy-private' : 'referrer-policy-unsafe'
}

function judgeFrameOptions (header: string | undefined): string {
  const result = judgeWord('x-frame-options', header, { deny: 'sameorigin-or-deny', sameorigin: 'sameorigin-or-deny' })
  return /^\s*allow-from/i.test(header ?? '') ? 'x-frame-options-allow-from-origin' : result
}

/** A header whose value is one word. */
function judgeWord (prefix: string, header: string | undefined, words: Readonly<Record<string, string>>): string {
  if (header === undefined || header === '') return `${prefix}-not-implemented`
  const word = header.trim().toLowerCase()
  return `${prefix}-${Object.hasOwn(words, word) ? words[word]! : 'header-invalid'}`
}

function judgeCors (cors: Observation['cors']): string | null {
  if (cors === undefined) return null
  const allowed = cors.headers.get('access-control-allow-origin') ?? ''
  if (allowed === '') return 'cross-origin-resource-sharing-not-implemented'
  if (allowed.trim() === '*') return 'cross-origin-resource-sharing-implemented-with-public-access'
  const takesCredentials = cors.headers.get('access-control-allow-credentials')?.trim().toLowerCase() === 'true'
  return `cross-origin-resource-sharing-implemented-with-${allowed === cors.origin && takesCredentials ? 'universal' : 'restricted'}-access`
}
