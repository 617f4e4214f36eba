import { ERRORS } from '../errors.ts'
import { ReplyNonces, type NonceGenerator } from './nonce.ts'
import type { Pair, Plan } from './plan.ts'
import type { Planner } from './planner.ts'
import { ReplyPolicy } from './reply-policy.ts'
import { eraseHeaders, writeHeaders, type HeaderTarget } from './write.ts'

export const kNonces: unique symbol = Symbol('fastify-bulwark.headers.nonces')
export const kPolicy: unique symbol = Symbol('fastify-bulwark.headers.policy')
export const kWritten: unique symbol = Symbol('fastify-bulwark.headers.written')

/** What a request remembers of its reply's headers. Every field is `null` until somebody asks: most replies never do. */
export interface ReplyState {
  [kNonces]: ReplyNonces | null
  [kPolicy]: ReplyPolicy | null
  /** What was written, until an error takes it back. */
  [kWritten]: readonly Pair[] | null
}

/** The parts of Fastify's request that decide about headers. */
export interface RequestLike {
  readonly protocol: string
  readonly log: { error (detail: object, message: string): void }
}

/** The nonces of a reply, made at the first call. */
export function noncesOf (state: ReplyState, generate: NonceGenerator, separateStyle: boolean): ReplyNonces {
  if (state[kNonces] === null) {
    state[kNonces] = new ReplyNonces(generate, separateStyle)
    state[kNonces].closed = state[kWritten] !== null
  }
  return state[kNonces]
}

/** The additions to the policy of a reply, made at the first call. */
export function policyOf (state: ReplyState): ReplyPolicy {
  if (state[kPolicy] === null) {
    state[kPolicy] = new ReplyPolicy()
    state[kPolicy].closed = state[kWritten] !== null
  }
  return state[kPolicy]
}

/** Writes the headers of a reply; from then on its nonces and its policy are closed. */
export function settle (request: RequestLike & ReplyState, target: HeaderTarget, planner: Planner, routePlan: Plan): void {
  const additions = request[kPolicy]?.additions ?? []
  const plan = additions.length === 0 ? routePlan : planner.extend(routePlan, additions)
  const secure = plan.secureDiffers && request.protocol === 'https'
  mark(request, writeHeaders(target, plan, secure, request[kNonces], (code) => request.log.error({ code }, ERRORS[code].summary)))
}

/** Takes back what `settle` wrote, for the reply to an error that came up afterwards. */
export function unsettle (state: ReplyState, target: HeaderTarget): void {
  if (state[kWritten] === null) return
  eraseHeaders(target, state[kWritten])
  mark(state, null)
}

function mark (state: ReplyState, written: readonly Pair[] | null): void {
  state[kWritten] = written
  if (state[kNonces] !== null) state[kNonces].closed = written !== null
  if (state[kPolicy] !== null) state[kPolicy].closed = written !== null
}
