import type { HeaderTarget } from '../../../lib/headers/write.ts'

/** A reply that is nothing but its status and its headers. */
export class MemoryTarget implements HeaderTarget {
  readonly headers: Map<string, unknown> = new Map()
  statusCode: number

  constructor (headers: Record<string, unknown> = {}, statusCode = 200) {
    this.statusCode = statusCode
    for (const [name, value] of Object.entries(headers)) this.headers.set(name, value)
  }

  getHeader (name: string): unknown {
    return this.headers.get(name)
  }

  hasHeader (name: string): boolean {
    return this.headers.has(name)
  }

  header (name: string, value: string): void {
    this.headers.set(name, value)
  }

  removeHeader (name: string): void {
    this.headers.delete(name)
  }
}
