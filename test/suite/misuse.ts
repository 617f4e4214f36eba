import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { SecurityError, type ErrorCode } from '../../lib/errors.ts'

// What the tests of wrong options share.

/** Stands in values that are wrong: no message may repeat it. */
export const SECRET = 'swordfish'

/** What went wrong, the option, the code, what the message names, and what it says to do. */
export type Misuse<Option = object> = readonly [what: string, option: Option, code: ErrorCode, path: string, advice: string | RegExp]

/** Why an application does not start; `undefined` for one that does. It is closed. */
export async function failureOf (app: FastifyInstance): Promise<unknown> {
  try {
    await app.ready()
    return undefined
  } catch (error) {
    return error
  } finally {
    await app.close().catch(() => {})
  }
}

/** Holds the error of a start to its row. */
export function checkMisuse (t: Test, error: unknown, [what, , code, path, advice]: Misuse<unknown>): void {
  t.ok(error instanceof SecurityError, `${what}: it does not start`)
  const { message } = error as Error
  t.equal((error as SecurityError).code, code, `${what}: ${message.slice(0, 200)}`)
  t.ok(message.includes(path), `${what}: the message names ${path}: ${message.slice(0, 200)}`)
  t.match(message, advice, `${what}: it says what to write instead`)
  t.ok(!message.includes(SECRET), `${what}: it does not repeat the value`)
  t.ok(message.length < 700, `${what}: it is no longer than a message should be`)
}
