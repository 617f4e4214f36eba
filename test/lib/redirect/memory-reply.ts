import type { GuardedReply } from '../../../lib/redirect/net.ts'
import type { RedirectingReply } from '../../../lib/redirect/reply-redirect.ts'
import { MemoryTarget } from '../headers/memory-target.ts'

interface Line { readonly level: string, readonly code: unknown, readonly reason: unknown, readonly target: unknown, readonly message: string }

/** A request that is nothing but what is read of it, and the lines that it logged. */
export class MemoryRequest {
  readonly lines: Line[] = []
  readonly log: GuardedReply['request']['log']
  method = 'GET'
  originalUrl = '/a/b'
  headers: { referer?: string } = {}
  query: unknown = {}
  body: unknown = undefined

  constructor (given: Partial<Pick<MemoryRequest, 'method' | 'originalUrl' | 'headers' | 'query' | 'body'>> = {}) {
    const write = (level: string) => (detail: object, message: string): void => { this.lines.push({ level, code: undefined, reason: undefined, target: undefined, ...detail, message }) }
    this.log = { info: write('info'), warn: write('warn'), error: write('error') }
    Object.assign(this, given)
  }
}

/** A reply that remembers what it was told. */
export class MemoryReply extends MemoryTarget implements GuardedReply, RedirectingReply {
  readonly request: MemoryRequest
  readonly raw: MemoryTarget = new MemoryTarget()
  sent: unknown

  constructor (request: MemoryRequest = new MemoryRequest(), headers: Record<string, unknown> = {}, statusCode = 200) {
    super(headers, statusCode)
    this.request = request
  }

  code (status: number): void {
    this.statusCode = status
  }

  redirect (href: string, status: number): void {
    this.statusCode = status
    this.header('location', href)
  }

  send (payload: unknown): void {
    this.sent = payload
  }
}
