import { compileOptions } from '../options.ts'
import { Resolver, type Resolution } from './resolver.ts'
import { OPTION_CODES, resolveSchema, type ResolveOptions } from './settings.ts'

const checkOptions = compileOptions<ResolveOptions>(resolveSchema, OPTION_CODES)
const resolvers = new WeakMap<ResolveOptions, Resolver>()

/** Options are compiled when an object is first seen: keep it, and a call costs no more than a look at the target. */
function resolverOf (options: ResolveOptions): Resolver {
  let resolver = resolvers.get(options)
  if (resolver === undefined) {
    resolver = new Resolver(checkOptions(options, 'redirect'), 'redirect')
    resolvers.set(options, resolver)
  }
  return resolver
}

/**
 * Where a browser on the own origin would go with `input`, provided that this is on the list. Send `href` and never `input`.
 *
 * Never throws for an `input`, whatever it is. Throws `SecurityError` (`BULWARK_ERR_REDIRECT_OPTION_…`) for wrong options. An object of options is
 * read once: later changes to it have no effect.
 */
export function resolveRedirect (input: unknown, options: ResolveOptions): Resolution {
  return resolverOf(options).resolve(input)
}

/**
 * Whether `input` may be sent, or handed to a script, as it is: stricter than `resolveRedirect`, which gives a text of its own.
 *
 * Never throws for an `input`; for wrong options as `resolveRedirect` does.
 */
export function isSafeRedirect (input: unknown, options: ResolveOptions): boolean {
  return resolverOf(options).isSafe(input)
}
