import { SecurityError } from '../errors.ts'
import { expectation } from '../options.ts'
import { compileChanges, type PolicyChanges } from './csp-merge.ts'
import type { Policy } from './csp-policy.ts'
import { formatPermissionsPolicy, parsePermissionsPolicy } from './permissions-policy.ts'
import { formatReferrerPolicy } from './referrer-policy.ts'
import { formatReportingEndpoints } from './reporting-endpoints.ts'
import type { HeaderSettings } from './settings.ts'
import { formatStrictTransportSecurity } from './strict-transport-security.ts'
import { trustedTypesPolicy, type TrustedTypes } from './trusted-types.ts'

/** Settings with every layer merged and every value validated: what a plan is compiled from. */
export interface ResolvedHeaders {
  /** The values in force, every key present. */
  readonly settings: Required<HeaderSettings>
  /** The policy that changes start from where nothing is enforced. */
  readonly preset: { readonly document: Policy, readonly nonDocument: Policy }
  readonly enforced: Policy | undefined
  readonly reportOnly: Policy | undefined
  readonly nonDocument: Policy | undefined
  readonly permissions: ReadonlyMap<string, readonly string[] | false>
}

const NOTHING: Policy = new Map()

/** Resolves a preset, which must set every key. */
export function resolvePreset (settings: Required<HeaderSettings>): ResolvedHeaders {
  const empty = { settings, preset: { document: NOTHING, nonDocument: NOTHING }, enforced: NOTHING, reportOnly: undefined, nonDocument: NOTHING, permissions: new Map() }
  const resolved = resolveLayer(empty, settings, 'preset')
  return { ...resolved, preset: { document: resolved.enforced!, nonDocument: resolved.nonDocument! } }
}

/** Lays settings over resolved ones. Throws `SecurityError` with the path of what a specification refuses. */
export function resolveLayer (base: ResolvedHeaders, changes: HeaderSettings, path: string): ResolvedHeaders {
  const layer = given(changes)
  const settings: Required<HeaderSettings> = {
    ...base.settings,
    ...layer,
    nonDocument: { ...base.settings.nonDocument, ...layer.referrerPolicy === false ? { referrerPolicy: false } : {}, ...given(layer.nonDocument ?? {}) }
  }
  const enforced = change(base.enforced, base.preset.document, layer.contentSecurityPolicy, `${path}.contentSecurityPolicy`)
  // The report-only policy tries out a change to what is enforced, so that is where it starts.
  const reportOnly = change(base.reportOnly, enforced ?? base.enforced ?? base.preset.document, layer.contentSecurityPolicyReportOnly, `${path}.contentSecurityPolicyReportOnly`)
  // What is said of all documents by `false` is meant for every reply, and what is turned on again comes back whole.
  const inherited = layer.contentSecurityPolicy === undefined ? base.nonDocument : layer.contentSecurityPolicy === false ? undefined : base.nonDocument ?? base.preset.nonDocument
  const nonDocument = change(inherited, base.preset.nonDocument, layer.nonDocument?.contentSecurityPolicy, `${path}.nonDocument.contentSecurityPolicy`)
  const permissions = layer.permissionsPolicy === undefined || layer.permissionsPolicy === false
    ? base.permissions
    : new Map([...base.permissions, ...parsePermissionsPolicy(layer.permissionsPolicy, `${path}.permissionsPolicy`)])
  checkValues(settings, enforced, path)
  return { settings, preset: base.preset, enforced, reportOnly, nonDocument, permissions }
}

/** An option that is `undefined` says as little as one that is absent. */
function given<T extends object> (options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function change (inherited: Policy | undefined, origin: Policy, changes: PolicyChanges | false | undefined, path: string): Policy | undefined {
  if (changes === undefined) return inherited
  return changes === false ? undefined : compileChanges(changes, path)(inherited ?? origin)
}

/** Values that only their specification can judge fail here, at start, and not when a plan is compiled. */
function checkValues (settings: Required<HeaderSettings>, enforced: Policy | undefined, path: string): void {
  const { reporting, strictTransportSecurity, trustedTypes } = settings
  if (reporting !== false) formatReportingEndpoints(reporting, `${path}.reporting`)
  if (strictTransportSecurity !== false) formatStrictTransportSecurity(strictTransportSecurity, `${path}.strictTransportSecurity`)
  if (trustedTypes === false) return
  trustedTypesPolicy(trustedTypes, `${path}.trustedTypes`)
  if (trustedTypes.mode === 'enforce' && enforced === undefined) {
    throw new SecurityError('BULWARK_ERR_HEADERS_OPTION_INVALID', expectation(`${path}.trustedTypes.mode`, '`\'report-only\'` where no policy is enforced', trustedTypes.mode))
  }
}

/** The two policies of document replies and the one of others, with Trusted Types and reporting worked in. */
export function finishPolicies (resolved: ResolvedHeaders): Pick<ResolvedHeaders, 'enforced' | 'reportOnly' | 'nonDocument'> {
  const { reporting, trustedTypes } = resolved.settings
  const finish = (policy: Policy | undefined, mode?: TrustedTypes['mode']): Policy | undefined => {
    const typed = trustedTypes !== false && trustedTypes.mode === mode ? withTrustedTypes(policy ?? NOTHING, trustedTypes) : policy
    if (typed === undefined || reporting === false) return typed
    const [name, url] = Object.entries(reporting.endpoints)[0]!
    return new Map([['report-uri', [url]], ['report-to', [name]], ...typed])
  }
  return { enforced: finish(resolved.enforced, 'enforce'), reportOnly: reportable(finish(resolved.reportOnly, 'report-only')), nonDocument: finish(resolved.nonDocument) }
}

/** The names of the option are added to those of the policy: a route or a reply that appends one means that it may be used, too. */
function withTrustedTypes (policy: Policy, trustedTypes: TrustedTypes): Policy {
  const typed = new Map([...policy, ...trustedTypesPolicy(trustedTypes, 'trustedTypes')])
  const names = [...policy.get('trusted-types') ?? [], ...trustedTypes.policies ?? []].filter((name, _, all) => name !== "'none'" || all.length === 1)
  return typed.has('trusted-types') ? typed.set('trusted-types', [...new Set(names)]) : typed
}

/** Browsers ignore these two in a report-only policy, and say so in the console of every visitor (CSP3 §6.3.2, Upgrade Insecure Requests §3.1). */
function reportable (policy: Policy | undefined): Policy | undefined {
  return policy && new Map([...policy].filter(([name]) => name !== 'sandbox' && name !== 'upgrade-insecure-requests'))
}

/** The headers besides the policies and X-Frame-Options: name, value, and where they go. */
export function formatHeaders ({ settings, permissions }: ResolvedHeaders): Array<{ name: string, document?: string | undefined, nonDocument?: string | undefined, https?: true }> {
  const referrer = (policy: HeaderSettings['referrerPolicy']): string | undefined => policy === false || policy === undefined ? undefined : formatReferrerPolicy(policy)
  const both = (value: string | false | undefined): { document?: string | undefined, nonDocument?: string | undefined } => value === false ? {} : { document: value, nonDocument: value }
  return [
    { name: 'strict-transport-security', https: true, ...both(settings.strictTransportSecurity !== false && formatStrictTransportSecurity(settings.strictTransportSecurity, '')) },
    { name: 'x-content-type-options', ...both(settings.xContentTypeOptions && 'nosniff') },
    { name: 'referrer-policy', document: referrer(settings.referrerPolicy), nonDocument: referrer(settings.nonDocument.referrerPolicy) },
    { name: 'cross-origin-opener-policy', document: settings.crossOriginOpenerPolicy || undefined },
    { name: 'cross-origin-embedder-policy', document: settings.crossOriginEmbedderPolicy || undefined },
    { name: 'cross-origin-resource-policy', ...both(settings.crossOriginResourcePolicy) },
    { name: 'permissions-policy', document: settings.permissionsPolicy === false ? undefined : formatPermissionsPolicy(permissions) },
    { name: 'origin-agent-cluster', document: settings.originAgentCluster ? '?1' : undefined },
    { name: 'x-xss-protection', document: settings.xXssProtection || undefined },
    { name: 'reporting-endpoints', ...both(settings.reporting !== false && formatReportingEndpoints(settings.reporting, '')) }
  ]
}
