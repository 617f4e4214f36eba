import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import type { SessionEvent } from '../../../lib/session/events.ts'
import { SessionScope } from '../../../lib/session/scope.ts'
import { Sealer, type SecureSessionCodec } from '../../../lib/session/sealed.ts'
import type { SessionOptions } from '../../../lib/session/settings.ts'
import type { SessionState } from '../../../lib/session/state.ts'

// What the tests of the session share: the real codec, a clock that is set by hand, and a reply that remembers its headers.

export const KEYS = ['5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8', 'Zq7k0vO3nC2xR8yT5uW1mA9bD4eF6gHiJkLlMnOpQrs'] as const

/** A clock that stands still until it is moved. */
export class Clock {
  time: number = 1_700_000_000_000

  readonly now = (): number => this.time

  /** Moves it by some seconds. */
  pass (seconds: number): void {
    this.time += seconds * 1000
  }
}

/** A reply without a server. */
export class Reply {
  readonly values: Map<string, string | string[]> = new Map()
  readonly raw: { headersSent: boolean } = { headersSent: false }

  getHeader (name: string): string | string[] | undefined {
    return this.values.get(name)
  }

  /** As Fastify has it: one Set-Cookie does not take the place of another. */
  header (name: string, value: string | string[]): this {
    const known = this.values.get(name)
    this.values.set(name, name === 'set-cookie' && known !== undefined ? [known, value].flat() : value)
    return this
  }

  removeHeader (name: string): this {
    this.values.delete(name)
    return this
  }

  get cookies (): string[] {
    return [this.values.get('set-cookie') ?? []].flat()
  }

  /** The Cookie header of the next request, `undefined` when nothing was set. */
  get cookie (): string | undefined {
    return cookieOf(this.cookies)
  }
}

/** The Cookie header that a browser makes of Set-Cookie headers. */
export function cookieOf (header: string | string[] | undefined): string | undefined {
  const cookies = [header ?? []].flat().filter((text) => !text.includes('Max-Age=0')).map((text) => text.split(';')[0]!)
  return cookies.length === 0 ? undefined : cookies.join('; ')
}

/** The codec, registered as the plugin does it. */
export async function loadCodec (codecOptions: (serialize: (name: string, value: string, attributes: object) => string) => readonly object[]): Promise<SecureSessionCodec> {
  const app = Fastify()
  const { default: secureSession } = await import('@fastify/secure-session' as string) as { default: FastifyPluginAsync<object> }
  await app.register(fastifyCookie, { hook: false })
  await app.register(secureSession, codecOptions((name, value, attributes) => app.serializeCookie(name, value, attributes)))
  const { createSecureSession, decodeSecureSession, encodeSecureSession } = app as unknown as SecureSessionCodec
  return { createSecureSession, decodeSecureSession, encodeSecureSession }
}

export interface Setting {
  readonly scope: SessionScope
  readonly clock: Clock
  readonly events: SessionEvent[]
  readonly lines: Array<readonly [string, object, string]>
  open (cookie?: string, reply?: Reply): SessionState
}

/** A registration without a server. */
export async function settingOf (options: Partial<SessionOptions> = {}, clock: Clock = new Clock()): Promise<Setting> {
  const events: SessionEvent[] = []
  const lines: Array<readonly [string, object, string]> = []
  const line = (level: string) => (detail: object, message: string): void => { lines.push([level, detail, message]) }
  const scope = new SessionScope({}, { keys: KEYS, now: clock.now, onEvent: (event: SessionEvent) => events.push(event), ...options })
  scope.start(await loadCodec((serialize) => scope.prepare(serialize)), { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') })
  return { scope, clock, events, lines, open: (cookie, reply) => scope.open(cookie, reply) }
}

/** Seals for a name with a key of its own. */
export async function sealerOf (key: Buffer, expiry = 1_000_000): Promise<{ sealer: Sealer, codec: SecureSessionCodec }> {
  const codec = await loadCodec(() => [{ sessionName: 'test', key: [key], expiry }])
  return { sealer: new Sealer(codec, 'test'), codec }
}
