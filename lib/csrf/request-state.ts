import type { Issued } from './guard.ts'

/** `null` while a request is not checked, `token` while its token is looked for, `pass` when nothing is left to be done but to take the field out of its body. */
export const kVerdict: unique symbol = Symbol('fastify-bulwark.csrf.verdict')
/** The token that its page asked for. */
export const kIssued: unique symbol = Symbol('fastify-bulwark.csrf.issued')
/** True when the headers of its reply are written. */
export const kClosed: unique symbol = Symbol('fastify-bulwark.csrf.closed')

/** What is kept with a request. */
export interface RequestState {
  [kVerdict]: 'pass' | 'token' | null
  [kIssued]: Issued | null
  [kClosed]: boolean
}
