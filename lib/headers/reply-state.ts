import { ERRORS } from '../errors.ts'
import { ReplyNonces, type NonceGenerator } from './nonce.ts'
import type { Pair, Plan } from './plan.ts'
import type { Planner } from './planner.ts'
import { ReplyPolicy } from './reply-policy.ts'
import { eraseHeaders, writeHeaders, type HeaderTarget } from './write.ts'

export const kNonces: unique symbol = Symbol('fastify-bulwark.headers.nonces')
export const kPolicy: unique symbol = Symbol('fastify-bulwark.headers.policy')
export const kWritten: unique symbol = Symbol('fastify-bulwark.headers.written')
const kFailed: unique symbol = Symbol('fastify-bulwark.headers.failed')

/**
 * What a request remembers of its reply's headers. Every field is `null` until somebody asks: most replies never do.
 * It is absent where a child scope was there before the plugin, since Fastify fixed the fields of its requests by then.
 */
export interface ReplyState {
  [kNonces]?: ReplyNonces | null
  [kPolicy]?: ReplyPolicy | null
  /** What was written, until an error takes it back. */
  [kWritten]?: readonly Pair[] | null
  /** There from the first error on. */
  [kFailed]?: true
}

/** The parts of Fastify's request that decide about headers. */
export interface RequestLike {
  readonly protocol: string
  readonly log: { error (detail: object, message: string): void }
}

/** The parts of a hijacked reply that `applySecurityHeaders` needs, over HTTP/1.1 and HTTP/2 alike. */
export interface RawReply {
  readonly server: object
  readonly request: RequestLike & { readonly routeOptions: { readonly config: object } }
  readonly raw: Omit<HeaderTarget, 'header'> & { readonly headersSent: boolean, setHeader (name: string, value: string): unknown }
}

/** The nonces of a reply, made at the first call. */
export function noncesOf (state: ReplyState, generate: NonceGenerator, separateStyle: boolean): ReplyNonces {
  let nonces = state[kNonces]
  if (!nonces) {
    nonces = state[kNonces] = new ReplyNonces(generate, separateStyle)
    nonces.closed = isWritten(state)
  }
  return nonces
}

/** The additions to the policy of a reply, made at the first call. */
export function policyOf (state: ReplyState): ReplyPolicy {
  let policy = state[kPolicy]
  if (!policy) {
    policy = state[kPolicy] = new ReplyPolicy()
    policy.closed = isWritten(state)
  }
  return policy
}

function isWritten (state: ReplyState): boolean {
  return Boolean(state[kWritten])
}

/** Writes the headers of a reply; from then on its nonces and its policy are closed. */
export function settle (request: RequestLike & ReplyState, target: HeaderTarget, planner: Planner, routePlan: Plan): void {
  const additions = request[kPolicy]?.additions ?? []
  const plan = additions.length === 0 ? routePlan : planner.extend(routePlan, additions)
  const secure = plan.secureDiffers && request.protocol === 'https'
  mark(request, writeHeaders(target, plan, secure, request[kNonces] ?? null, (code) => request.log.error({ code }, ERRORS[code].summary)))
}

/**
 * Takes back what `settle` wrote, for the reply to an error that came up afterwards.
 * True for the second error of a reply, as from a hook that fails for the reply to its own error, too: no hook follows, so that one is to be settled at once.
 */
export function unsettle (state: ReplyState, target: HeaderTarget): boolean {
  const written = state[kWritten]
  if (written) {
    eraseHeaders(target, written)
    mark(state, null)
  }
  const again = state[kFailed] === true
  state[kFailed] = true
  return again
}

function mark (state: ReplyState, written: readonly Pair[] | null): void {
  state[kWritten] = written
  if (state[kNonces]) state[kNonces].closed = written !== null
  if (state[kPolicy]) state[kPolicy].closed = written !== null
}
