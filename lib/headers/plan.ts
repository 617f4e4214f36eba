import type { Policy } from './csp-policy.ts'
import { compileTemplate, type PolicyTemplate } from './csp-template.ts'
import type { ReplyNonces } from './nonce.ts'
import { finishPolicies, formatHeaders, type ResolvedHeaders } from './resolve.ts'
import { formatXFrameOptions } from './x-frame-options.ts'

/** A header's lower-case name and its value. */
export type Pair = readonly [name: string, value: string]

/** All the headers of one kind of reply, formatted. */
export interface Variant {
  /** For a reply that used no nonce. */
  readonly pairs: readonly Pair[]
  /** For a 304: what every reply of this plan has alike. The policy and whatever depends on the type stay with the stored reply. */
  readonly notModified: readonly Pair[]
  /** The policies that have a place for a nonce, each with its place among `pairs`. */
  readonly templates: ReadonlyArray<{ readonly index: number, readonly name: string, readonly template: PolicyTemplate }>
  /** The nonces that one of the policies has a place for. */
  readonly places: number
}

/** The headers of a route for every kind of reply. */
export interface Plan {
  readonly resolved: ResolvedHeaders
  /** True when replies to https requests have other headers. */
  readonly secureDiffers: boolean
  readonly document: { readonly http: Variant, readonly https: Variant }
  readonly nonDocument: { readonly http: Variant, readonly https: Variant }
}

const POLICY = 'content-security-policy'
const POLICY_REPORT_ONLY = 'content-security-policy-report-only'

/** The plan of a route whose headers are switched off. */
export const NO_HEADERS: Pick<Plan, 'document' | 'nonDocument' | 'secureDiffers'> = (() => {
  const none = { pairs: [], notModified: [], templates: [], places: 0 }
  return { secureDiffers: false, document: { http: none, https: none }, nonDocument: { http: none, https: none } }
})()

/** Formats everything that can be formatted before a request is there. */
export function compilePlan (resolved: ResolvedHeaders): Plan {
  const policies = finishPolicies(resolved)
  const others = formatHeaders(resolved)
  const frameOptions = resolved.settings.xFrameOptions === false ? undefined : formatXFrameOptions(resolved.settings.xFrameOptions, policies.enforced)
  if (frameOptions !== undefined) others.push({ name: 'x-frame-options', document: frameOptions })

  function variant (document: boolean, https: boolean): Variant {
    const templates: Array<{ index: number, name: string, template: PolicyTemplate }> = []
    const add = (name: string, policy: Policy | undefined): void => {
      const sent = https || policy === undefined ? policy : withoutUpgrade(policy)
      if (sent !== undefined && sent.size > 0) templates.push({ index: templates.length, name, template: compileTemplate(sent) })
    }
    add(POLICY, document ? policies.enforced : policies.nonDocument)
    if (document) add(POLICY_REPORT_ONLY, policies.reportOnly)
    const present = others.filter((header) => https || header.https !== true)
    const fixed = present.flatMap((header) => pair(header.name, document ? header.document : header.nonDocument))
    return {
      pairs: [...templates.map(({ name, template }): Pair => [name, template.unused]), ...fixed],
      notModified: present.flatMap((header) => header.document === header.nonDocument ? pair(header.name, header.document) : []),
      templates: templates.filter(({ template }) => template.places !== 0),
      places: templates.reduce((places, { template }) => places | template.places, 0)
    }
  }

  const document = { http: variant(true, false), https: variant(true, true) }
  const nonDocument = { http: variant(false, false), https: variant(false, true) }
  const secureDiffers = !same(document.http, document.https) || !same(nonDocument.http, nonDocument.https)
  return { resolved, secureDiffers, document, nonDocument }
}

function pair (name: string, value: string | undefined): Pair[] {
  return value === undefined ? [] : [[name, value]]
}

/** Like Strict-Transport-Security: over plain http it would send a site that has no https into the void. */
function withoutUpgrade (policy: Policy): Policy {
  return new Map([...policy].filter(([name]) => name !== 'upgrade-insecure-requests'))
}

function same (a: Variant, b: Variant): boolean {
  return JSON.stringify(a.pairs) === JSON.stringify(b.pairs)
}

/** The headers of a reply that used nonces. */
export function pairsWithNonce ({ pairs, templates }: Variant, nonces: ReplyNonces): readonly Pair[] {
  const used = pairs.slice()
  for (const { index, name, template } of templates) used[index] = [name, template.join(nonces.use, nonces)]
  return used
}
