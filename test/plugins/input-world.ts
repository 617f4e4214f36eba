import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { Type, type TObject, type TString } from 'typebox'
import { f, input, type InputOptions } from '../../plugins/input.ts'

// What the tests of the plugin `input` share.

export const FORM = 'application/x-www-form-urlencoded'
export const Account: TObject<{ username: TString, email: TString, activation_key: TString }> = Type.Object({ username: f.username({ min: 3, max: 25 }), email: f.email(), activation_key: f.hidden(f.uuid()) })
export const VALUES = { username: 'anna', email: 'anna@example.com', activation_key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }

export async function make (t: Test, options: InputOptions, routes: (app: FastifyInstance) => void): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(input, options)
  routes(app)
  return app
}

export function post (app: FastifyInstance, url: string, payload: string | object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url, payload, headers: typeof payload === 'string' ? { 'content-type': FORM, ...headers } : headers })
}

export const form = (values: Record<string, string>): string => new URLSearchParams(values).toString()
