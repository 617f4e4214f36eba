import { refuseTarget, report, type LoggedRequest } from './request-log.ts'
import type { Resolver } from './resolver.ts'
import type { Verification } from './signed-next.ts'

/** The field of a route's requests that is checked before the handler. */
export interface CheckedField {
  readonly name: string
  readonly inQuery: boolean
  readonly inBody: boolean
  /** The resolved target where the request names none. */
  readonly fallback: string
  readonly rejects: boolean
  /** Reads a value as a token of `signNext`: the plugin session leads to the login page with one. */
  readonly verify: (given: unknown) => Verification
}

/** Where a request keeps its checked target. */
export const kTarget: unique symbol = Symbol('fastify-bulwark.redirect.target')

/** The parts of a request that is checked. */
export interface CheckedRequest extends LoggedRequest {
  [kTarget]?: string
  readonly originalUrl: string
  readonly query: unknown
  readonly body: unknown
}

/** Checks the query and notes the target, that of the fallback where there is none; the error for a target that is refused. */
export function checkQuery (request: CheckedRequest, field: CheckedField, resolver: Resolver): Error | undefined {
  request[kTarget] = field.fallback
  return field.inQuery ? check(request, request.query, field, resolver) : undefined
}

/** Checks the body, after it was parsed. What it names goes before what the query names. */
export function checkBody (request: CheckedRequest, field: CheckedField, resolver: Resolver): Error | undefined {
  return field.inBody ? check(request, request.body, field, resolver) : undefined
}

/**
 * The checked target; `null` for a route without a field. What no hook has checked, since the setting came by an `onRoute` hook behind that of the plugin, is checked
 * here. Throws `SecurityError` for a target that is refused.
 */
export function targetOf (request: CheckedRequest, planOf: () => { readonly field: CheckedField | null, readonly resolver: Resolver }): string | null {
  if (request[kTarget] !== undefined) return request[kTarget]
  const { field, resolver } = planOf()
  if (field === null) return null
  const error = checkQuery(request, field, resolver) ?? checkBody(request, field, resolver)
  if (error !== undefined) throw error
  return request[kTarget]!
}

/** A repeated key (an array) and an object are refused: one reader would take the first of them, the next one the last. */
function check (request: CheckedRequest, part: unknown, { name, rejects, fallback, verify }: CheckedField, resolver: Resolver): Error | undefined {
  const given = typeof part === 'object' && part !== null && Object.hasOwn(part, name) ? (part as Record<string, unknown>)[name] : undefined
  if (given === undefined) return undefined
  const token = verify(given)
  if (!token.ok && token.reason !== 'form') {
    // It took the visitor too long to log in, or somebody wrote the link: nowhere to go, and no reason to refuse who they are.
    report(request, 'info', 'BULWARK_ERR_REDIRECT_NEXT_REFUSED', token.reason)
    request[kTarget] = fallback
    return undefined
  }
  const resolution = resolver.resolve(token.ok ? token.href : given, request.originalUrl)
  request[kTarget] = resolution.ok ? resolution.href : fallback
  if (resolution.ok) return undefined
  const error = refuseTarget(request, resolution.reason, given)
  return rejects ? error : undefined
}
