import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { distribute } from '../lib/bulwark/distribute.ts'
import type { Part } from '../lib/bulwark/parts.ts'
import type { SharedOptions } from '../lib/bulwark/settings.ts'
import { csrf, type CsrfOptions } from './csrf.ts'
import { files, type FilesOptions } from './files.ts'
import { headers, type HeadersOptions } from './headers.ts'
import { input, type InputOptions } from './input.ts'
import { integrity, type IntegrityOptions } from './integrity.ts'
import { redirect, type RedirectOptions } from './redirect.ts'
import { session, type SessionOptions } from './session.ts'
import { transport, type TransportOptions } from './transport.ts'

// The one plugin that imports others: it is nothing but all of them.

/** Options of the bulwark plugin: what is said once for all parts, and the options of each part, which hold over that; `false` leaves a part out. */
export interface BulwarkOptions extends SharedOptions {
  /** Default: on. */
  readonly headers?: HeadersOptions | false
  /** Default: on. Needs `hosts` or `origin`. */
  readonly transport?: TransportOptions | false
  /** Default `false`: it has to be told what it hashes. */
  readonly integrity?: IntegrityOptions | false
  /** Default: on. Needs `keys`. */
  readonly session?: Partial<SessionOptions> | false
  /** Default: on. Needs `keys` and `origin`. */
  readonly csrf?: Partial<CsrfOptions> | false
  /** Default: on. */
  readonly input?: InputOptions | false
  /** Default: on. Uploads need @fastify/multipart, which the application registers. */
  readonly files?: FilesOptions | false
  /** Default: on. Needs `origin`, and `keys` for signed targets. */
  readonly redirect?: RedirectOptions | false
}

// Each checks its options itself.
const PLUGINS: Readonly<Record<Part, FastifyPluginAsync<never>>> = { csrf, files, headers, input, integrity, redirect, session, transport }

const register: FastifyPluginAsync<BulwarkOptions> = async (app, options) => {
  for (const [part, own] of distribute(options)) await app.register(PLUGINS[part] as FastifyPluginAsync<object>, own)
}

/** All plugins of the suite, with one object of options. */
export const bulwark: FastifyPluginAsync<BulwarkOptions> = fp(register, { name: 'fastify-bulwark', fastify: '5.x' })
export default bulwark

export { bulwarkDefaults } from '../lib/bulwark/settings.ts'
export { generateKey } from '../lib/keys.ts'
