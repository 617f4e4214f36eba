import { BoundedCache } from '../bounded-cache.ts'
import { compileOptions } from '../options.ts'
import { SecurityError } from '../errors.ts'
import { lintParsed } from './csp-lint.ts'
import { compileAppend } from './csp-merge.ts'
import type { Policy } from './csp-policy.ts'
import type { Finding } from './finding.ts'
import { lintHeaders } from './header-lint.ts'
import { compilePlan, NO_HEADERS, type Plan } from './plan.ts'
import { PRESETS } from './presets.ts'
import { finishPolicies, resolveLayer, resolvePreset, type ResolvedHeaders } from './resolve.ts'
import { headersSchema, routeHeadersSchema, type HeaderSettings, type HeadersOptions } from './settings.ts'

/** Expressions that one reply adds to directives of its policy, in the order of asking. */
export type Additions = ReadonlyArray<readonly [directive: string, sources: readonly string[]]>

const CODES = { unknown: 'BULWARK_ERR_HEADERS_OPTION_UNKNOWN', invalid: 'BULWARK_ERR_HEADERS_OPTION_INVALID' } as const

const checkOptions = compileOptions<HeadersOptions>(headersSchema, CODES)
const checkSettings = compileOptions<HeaderSettings | false>(routeHeadersSchema, CODES)

/** Replies whose additions are remembered, a plan. OAuth has a handful of origins; a client that varies them pays for itself alone. */
const REMEMBERED_ADDITIONS = 100

/** Makes the plans of one registration: one for each distinct setting, however many routes there are. */
export class Planner {
  readonly options: HeadersOptions
  /** What the lint found in all plans so far, each finding once. */
  readonly findings: Finding[] = []
  /** The plan of routes without a setting. */
  readonly plan: Plan
  readonly #resolved: ResolvedHeaders
  readonly #bySetting = new Map<string, Plan>()
  readonly #byContent = new Map<string, Plan>()
  readonly #extended = new WeakMap<Plan, BoundedCache<Plan>>()

  /** Throws `SecurityError` for options that are unknown, wrong or contradictory. */
  constructor (options: unknown) {
    this.options = checkOptions(options, 'headers')
    const { preset = 'strict', lint, nonce, ...settings } = this.options
    this.#resolved = resolveLayer(resolvePreset(PRESETS[preset]), settings, 'headers')
    this.plan = this.#shared(this.#resolved)
  }

  /** How many plans there are: as many as there are different settings, not routes. */
  get size (): number {
    return this.#byContent.size
  }

  /** The plan for a route's setting. Throws `SecurityError`. */
  planOf (setting: unknown): Plan {
    const settings = checkSettings(setting, 'config.security.headers')
    const key = JSON.stringify(settings)
    let plan = this.#bySetting.get(key)
    if (plan === undefined) {
      plan = settings === false ? this.#none() : this.#shared(resolveLayer(this.#resolved, settings, 'config.security.headers'))
      this.#bySetting.set(key, plan)
    }
    return plan
  }

  /** `plan` with expressions added to its document policies, if it has any. Throws `SecurityError` for what the grammar refuses. */
  extend (plan: Plan, additions: Additions): Plan {
    if (plan.resolved.enforced === undefined && plan.resolved.reportOnly === undefined) return plan
    let cache = this.#extended.get(plan)
    if (cache === undefined) this.#extended.set(plan, cache = new BoundedCache<Plan>(REMEMBERED_ADDITIONS))
    return cache.getOrMake(JSON.stringify(additions), () => {
      const { resolved } = plan
      const append = (policy: Policy | undefined): Policy | undefined => policy && additions.reduce(
        (result, [directive, sources]) => compileAppend(directive, sources, directive)(result), policy)
      return compilePlan({ ...resolved, enforced: append(resolved.enforced), reportOnly: append(resolved.reportOnly) })
    })
  }

  #none (): Plan {
    return { ...NO_HEADERS, resolved: { ...this.#resolved, enforced: undefined, reportOnly: undefined } }
  }

  #shared (resolved: ResolvedHeaders): Plan {
    const plan = compilePlan(resolved)
    // Of what a reply adds, more depends than is written: what derives from the policy, and whether an empty policy is one.
    const content = JSON.stringify([plan.document, plan.nonDocument, resolved.settings.xFrameOptions, resolved.enforced === undefined, resolved.reportOnly === undefined])
    const known = this.#byContent.get(content)
    if (known !== undefined) return known
    this.#lint(resolved)
    this.#byContent.set(content, plan)
    return plan
  }

  #lint (resolved: ResolvedHeaders): void {
    if (this.options.lint === 'off') return
    const { enforced } = finishPolicies(resolved)
    const endpoints = resolved.settings.reporting === false ? [] : Object.keys(resolved.settings.reporting.endpoints)
    const findings = [...enforced === undefined ? [] : lintParsed(enforced, endpoints), ...lintHeaders(resolved.settings, enforced)]
    for (const finding of findings) {
      if (!this.findings.some(({ code, where, message }) => code === finding.code && where === finding.where && message === finding.message)) this.findings.push(finding)
    }
    const serious = findings.filter(({ severity }) => severity !== 'info')
    if (this.options.lint === 'error' && serious.length > 0) {
      throw new SecurityError('BULWARK_ERR_HEADERS_POLICY_WEAK', `headers.lint: expected no finding, received ${serious.length}. ${serious.map(({ code, message }) => `${code}: ${message}`).join(' ')}`)
    }
  }
}
