import Fastify, { type FastifyInstance, type FastifyServerOptions, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { generateKey } from '../../lib/keys.ts'
import { redirect, type RedirectOptions, type RouteRedirect } from '../../plugins/redirect.ts'

// What the tests of the plugin `redirect` share.

export interface Query { Querystring: { next?: string, to?: string } }
export interface Line { readonly level: number, readonly code?: string, readonly reason?: string, readonly target?: string, readonly err?: { readonly code?: string } }
export type Routes = (app: FastifyInstance) => unknown

export const OPTIONS: RedirectOptions = { origin: 'https://app.test', hosts: ['good.test'], keys: [generateKey()] }
export const UNSAFE = 'BULWARK_ERR_REDIRECT_UNSAFE'
export const EVIL = 'https://evil.test/'
export const WARN = 40
export const ERROR = 50

export interface World { readonly app: FastifyInstance, readonly lines: Line[] }

export async function world (t: Test, routes: Routes, options: RedirectOptions = OPTIONS, server: FastifyServerOptions = {}): Promise<World> {
  const lines: Line[] = []
  const app = Fastify({ ...server, logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } } } })
  await app.register(redirect, options)
  await routes(app)
  t.teardown(() => app.close())
  return { app, lines }
}

export const coded = (lines: readonly Line[], level = 0): Line[] => lines.filter((line) => line.code !== undefined && line.level >= level)

export function isRefused (t: Test, { statusCode, headers, body }: LightMyRequestResponse, what = 'it is refused'): void {
  t.equal(statusCode, 400, what)
  t.equal(headers.location, undefined, `${what}: no Location`)
  t.match(JSON.parse(body), { statusCode: 400, code: UNSAFE, error: 'Bad Request', message: 'The request would lead to an address that is not allowed.' }, what)
  t.notMatch(body, 'evil', `${what}: the target is not told`)
}

export const field = (setting: RouteRedirect = { field: 'next' }): { config: { security: { redirect: RouteRedirect } } } => ({ config: { security: { redirect: setting } } })
