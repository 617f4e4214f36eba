import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { isDocument } from '../headers/document-type.ts'
import { expectation, type OptionSchema } from '../options.ts'

/** What a browser may load without integrity metadata: nothing of these kinds (SRI, Integrity-Policy). */
export interface IntegrityPolicy {
  /** Default `['script']`. */
  readonly blockedDestinations?: ReadonlyArray<'script' | 'style'>
  /** Names that Reporting-Endpoints declares. Default none. */
  readonly endpoints?: readonly string[]
}

/** What can be set for the whole application and, in `config.security.integrity`, for a route. `false` drops a header. */
export interface IntegritySettings {
  /** Blocks what has no integrity metadata. Default `false`. */
  readonly integrityPolicy?: IntegrityPolicy | false
  /** Reports what has none. Default `false`. */
  readonly integrityPolicyReportOnly?: IntegrityPolicy | false
}

function policySchema (description: string): OptionSchema {
  const Destination = Type.Union([Type.Literal('script'), Type.Literal('style')])
  return Type.Optional(Type.Union([
    Type.Object({
      blockedDestinations: Type.Optional(Type.Array(Destination, { minItems: 1, default: ['script'], description: '`\'script\'`, `\'style\'` or both: what must have integrity metadata.' })),
      endpoints: Type.Optional(Type.Array(Type.String(), { description: 'Names that Reporting-Endpoints declares.' }))
    }, { additionalProperties: false }),
    Type.Literal(false)
  ], { default: false, description }))
}

/** The two options, for the application and for a route. */
export const policySettings: Readonly<Record<keyof IntegritySettings, OptionSchema>> = {
  integrityPolicy: policySchema('Integrity-Policy on documents: blocks what has no integrity metadata.'),
  integrityPolicyReportOnly: policySchema('Integrity-Policy-Report-Only on documents: reports what has none, and blocks nothing.')
}

/** A header. */
export type PolicyHeader = readonly [name: string, value: string]

/** The headers of some settings. Throws `SecurityError` `BULWARK_ERR_INTEGRITY_OPTION_INVALID` for an endpoint whose name a browser would skip. */
export function policyHeaders (settings: IntegritySettings, path: string): readonly PolicyHeader[] {
  const headers: PolicyHeader[] = []
  for (const [key, name] of [['integrityPolicy', 'integrity-policy'], ['integrityPolicyReportOnly', 'integrity-policy-report-only']] as const) {
    const policy = settings[key]
    if (policy) headers.push([name, formatPolicy(policy, `${path}.${key}`)])
  }
  return headers
}

// RFC 9651 §3.3.4: a token. What Reporting-Endpoints can declare is a key, which is narrower.
const ENDPOINT = /^[a-z*][a-z0-9_.*-]*$/

function formatPolicy ({ blockedDestinations = ['script'], endpoints = [] }: IntegrityPolicy, path: string): string {
  const wrong = endpoints.findIndex((endpoint) => !ENDPOINT.test(endpoint))
  if (wrong !== -1) {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_OPTION_INVALID', expectation(`${path}.endpoints[${wrong}]`, 'a name of lower-case letters, digits, `_`, `-`, `.` and `*`', endpoints[wrong]))
  }
  const destinations = `blocked-destinations=(${[...new Set(blockedDestinations)].join(' ')})`
  return endpoints.length === 0 ? destinations : `${destinations}, endpoints=(${endpoints.join(' ')})`
}

/** The parts of a reply that decide about a policy. */
export interface PolicyTarget {
  getHeader (name: string): unknown
  hasHeader (name: string): boolean
  header (name: string, value: string): unknown
}

/** Writes policies onto a document; nothing else loads anything. A header that is there already is left alone. */
export function writePolicies (target: PolicyTarget, headers: readonly PolicyHeader[]): void {
  if (!isDocument(target.getHeader('content-type'))) return
  for (const [name, value] of headers) if (!target.hasHeader(name)) target.header(name, value)
}
