import { SecurityError } from '../../errors.ts'
import { expectation } from '../../options.ts'
import type { Script } from './redis-script.ts'

/** What is used of a client of the package `ioredis`, of one server or of a cluster. */
export interface IoredisClient {
  evalsha (sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
  eval (script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** What is used of a client of the package `redis`, of one server or of a cluster. */
export interface NodeRedisClient {
  evalSha (sha: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
  eval (script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** A client of the package `ioredis` or `redis`, connected by the application. */
export type RedisClient = IoredisClient | NodeRedisClient

/** Runs a script with one key and any arguments. */
export type RunScript = (script: Script, values: readonly string[]) => Promise<unknown>

/**
 * The one call that both packages spell differently. A server that does not know the script is sent it: after a restart, a failover or `SCRIPT FLUSH`.
 * Throws `SecurityError` with `BULWARK_ERR_SESSION_STORE_INVALID` for what is no client of either.
 */
export function scriptRunner (client: RedisClient, key: string): RunScript {
  const { bySha, byText } = callsOf(client, key)
  return async (script, values) => {
    try {
      return await bySha(script.sha, values)
    } catch (error) {
      // The code of an error stands at the beginning of its text: that is the protocol (RESP, "Simple errors").
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await byText(script.text, values)
    }
  }
}

type Call = (script: string, values: readonly string[]) => Promise<unknown>

function callsOf (client: RedisClient, key: string): { bySha: Call, byText: Call } {
  if (has(client, 'evalSha')) {
    const options = (values: readonly string[]) => ({ keys: [key], arguments: [...values] })
    return { bySha: (sha, values) => client.evalSha(sha, options(values)), byText: (text, values) => client.eval(text, options(values)) }
  }
  if (has(client, 'evalsha')) {
    return { bySha: (sha, values) => client.evalsha(sha, 1, key, ...values), byText: (text, values) => client.eval(text, 1, key, ...values) }
  }
  throw new SecurityError('BULWARK_ERR_SESSION_STORE_INVALID', expectation('redisStore(client)', 'a client of the package ioredis or redis', client))
}

function has<Name extends string> (client: RedisClient, name: Name): client is Extract<RedisClient, Record<Name, unknown>> {
  return typeof (client as unknown as Record<string, unknown> | undefined)?.[name] === 'function' && typeof client.eval === 'function'
}
