/**
 * The plugins of the suite that do something, in the order in which `bulwark` registers them. Of those that see a request, transport is the first, so that
 * nothing is done for one that is not to be served; session comes before csrf, which binds tokens to it.
 */
export const PARTS = ['headers', 'transport', 'integrity', 'session', 'csrf', 'input', 'files', 'redirect'] as const

/** The name of one of them. */
export type Part = typeof PARTS[number]
