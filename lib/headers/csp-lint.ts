import { fallbacksOf, hasSources, type DirectiveName } from './csp-directives.ts'
import { parsePolicy } from './csp-parse.ts'
import { effectiveSources, parseDirectives, type Directives, type Policy } from './csp-policy.ts'
import { isHash, isWildcard, NONCE } from './csp-sources.ts'
import { bySeverity, finding, type Finding } from './finding.ts'

/** Hosts that serve JSONP answers or old AngularJS, with which a host on the list runs any script (Weichselbaum et al., CCS 2016). */
const BYPASS_HOSTS = ['accounts.google.com', 'ajax.googleapis.com', 'cdn.jsdelivr.net', 'cdnjs.cloudflare.com', 'code.angularjs.org',
  'raw.githubusercontent.com', 'unpkg.com', 'www.google.com', 'www.googleapis.com', 'www.gstatic.com', 'yastatic.net']

/** Schemes that admit scripts from anywhere or from the attacker's own text. */
const OPEN_SCHEMES = ['http:', 'https:', 'data:', 'blob:', 'filesystem:', 'javascript:']

/** Directives that guard the page itself: open to every host, they guard nothing. */
const GUARDS: readonly DirectiveName[] = ['default-src', 'object-src', 'base-uri', 'frame-ancestors']

/**
 * What is weak in a Content-Security-Policy, most serious first; empty for a good one.
 *
 * `policy` is a header value or directives as options have them. Throws `SecurityError` `BULWARK_ERR_HEADERS_POLICY_INVALID`
 * for a policy that breaks the grammar. `endpoints` names those that `Reporting-Endpoints` declares, by default none.
 */
export function lintPolicy (policy: string | Directives, endpoints: readonly string[] = []): Finding[] {
  return lintParsed(typeof policy === 'string' ? parsePolicy(policy) : parseDirectives(policy, 'policy'), endpoints)
}

/** `lintPolicy` for a policy that was validated before. */
export function lintParsed (policy: Policy, endpoints: readonly string[]): Finding[] {
  return bySeverity(CHECKS.flatMap((check) => check(policy, endpoints)))
}

type Check = (policy: Policy, endpoints: readonly string[]) => Finding[]

const CHECKS: readonly Check[] = [absentDirectives, scriptSources, styleSources, plainHttp, wildcards, reportEndpoint]

function effective (policy: Policy, name: DirectiveName): readonly string[] | undefined {
  return effectiveSources(policy, name, fallbacksOf(name))
}

function absentDirectives (policy: Policy): Finding[] {
  const findings: Finding[] = []
  if (effective(policy, 'script-src') === undefined) findings.push(finding('script-src-missing', 'high', 'script-src', 'Neither `script-src` nor `default-src`: scripts from anywhere run.'))
  if (effective(policy, 'object-src') === undefined) findings.push(finding('object-src-missing', 'high', 'object-src', "Neither `object-src` nor `default-src`: write `object-src 'none'`."))
  if (!policy.has('base-uri')) findings.push(finding('base-uri-missing', 'high', 'base-uri', "An injected `<base>` moves every relative script: write `base-uri 'none'`."))
  if (!policy.has('frame-ancestors')) findings.push(finding('frame-ancestors-missing', 'medium', 'frame-ancestors', "Any site may frame the page: write `frame-ancestors 'none'` or `'self'`."))
  if (!policy.has('form-action')) findings.push(finding('form-action-missing', 'info', 'form-action', 'An injected form may send what is typed anywhere: `form-action` does not fall back to `default-src`.'))
  return findings
}

function scriptSources (policy: Policy): Finding[] {
  return (['script-src', 'script-src-elem', 'script-src-attr'] as const).flatMap((name) => {
    const sources = name === 'script-src' ? effective(policy, name) : policy.get(name)
    return sources === undefined ? [] : scriptFindings(name, sources)
  })
}

function scriptFindings (where: string, sources: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const trusted = sources.includes(NONCE) || sources.some(isHash)
  const dynamic = sources.includes("'strict-dynamic'")
  if (sources.includes("'unsafe-inline'") && !trusted) findings.push(finding('unsafe-inline', 'high', where, "`'unsafe-inline'` runs every injected script: use the nonce."))
  if (sources.includes("'unsafe-eval'")) findings.push(finding('unsafe-eval', 'medium', where, "`'unsafe-eval'` turns strings into code."))
  if (dynamic && !trusted) findings.push(finding('strict-dynamic-alone', 'high', where, "`'strict-dynamic'` without a nonce or a hash trusts nothing, and the policy counts as invalid."))
  if (dynamic && trusted) return findings
  for (const source of sources) {
    if (isWildcard(source) || OPEN_SCHEMES.includes(source.toLowerCase())) findings.push(finding('script-src-open', 'high', where, `\`${source}\` admits scripts that an attacker can provide.`))
    if (admitsBypass(source)) findings.push(finding('bypass-host', 'medium', where, `\`${source}\` serves scripts with which the policy can be walked around: name the whole path, or use the nonce.`))
  }
  return findings
}

// A host with its wildcard, and a path unless it names one file.
const WHOLE_HOST = /^(?:https?:\/\/)?(?<wildcard>\*)?(?<host>[a-z0-9.-]+?)\.?(?::[0-9*]+)?(?:\/(?:.*\/)?)?$/

function admitsBypass (source: string): boolean {
  const { wildcard, host } = WHOLE_HOST.exec(source.toLowerCase())?.groups ?? {}
  return host !== undefined && BYPASS_HOSTS.some((bypass) => wildcard === undefined ? bypass === host : bypass.endsWith(host))
}

function styleSources (policy: Policy): Finding[] {
  const sources = effective(policy, 'style-src') ?? []
  return sources.includes("'unsafe-inline'") && (sources.includes(NONCE) || sources.some(isHash))
    ? [finding('unsafe-inline-void', 'medium', 'style-src', "A nonce or a hash disables `'unsafe-inline'`: inline styles without it are blocked.")]
    : []
}

function plainHttp (policy: Policy): Finding[] {
  return [...policy].flatMap(([name, sources]) => name !== 'report-uri' && sources.some((source) => /^http:/i.test(source))
    ? [finding('plain-http', 'medium', name, 'A source over plain http can be replaced by anybody on the way.')]
    : [])
}

function wildcards (policy: Policy): Finding[] {
  return [...policy].flatMap(([name, sources]) => {
    if (!hasSources(name) || name.startsWith('script-src')) return []
    const guards = GUARDS.includes(name)
    const open = sources.find((source) => isWildcard(source) || (guards && /^https?:$/i.test(source)))
    return open === undefined ? [] : [finding('wildcard', guards ? 'high' : 'medium', name, `\`${open}\` admits every host.`)]
  })
}

function reportEndpoint (policy: Policy, endpoints: readonly string[]): Finding[] {
  const endpoint = policy.get('report-to')?.[0]
  return endpoint === undefined || endpoints.includes(endpoint)
    ? []
    : [finding('report-to-undeclared', 'medium', 'report-to', '`Reporting-Endpoints` does not declare the endpoint of `report-to`: nothing is reported.')]
}
