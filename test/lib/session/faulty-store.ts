import type { SessionStore } from '../../../lib/session/store.ts'
import { memoryStore } from '../../../lib/session/stores/memory.ts'

/** A store that can be told to fail or to hang, and notes what it was asked. */
export class FaultyStore implements SessionStore {
  readonly inner: SessionStore
  readonly isDurable: boolean = true
  readonly calls: string[] = []
  state: 'up' | 'down' | 'hanging' = 'up'

  constructor (now: () => number) {
    this.inner = memoryStore({ now })
  }

  get remember (): SessionStore['remember'] {
    const { remember } = this.inner
    return {
      create: async (...given) => await this.#pass('create', async () => await remember.create(...given)),
      rotate: async (...given) => await this.#pass('rotate', async () => await remember.rotate(...given)),
      revoke: async (...given) => await this.#pass('forget', async () => await remember.revoke(...given)),
      revokeUser: async (...given) => await this.#pass('forgetUser', async () => await remember.revokeUser(...given)),
      list: async (...given) => await this.#pass('listSeries', async () => await remember.list(...given))
    }
  }

  admit: SessionStore['admit'] = async (...given) => await this.#pass('admit', async () => await this.inner.admit(...given))
  replace: SessionStore['replace'] = async (...given) => await this.#pass('replace', async () => await this.inner.replace(...given))
  seen: SessionStore['seen'] = async (...given) => await this.#pass('seen', async () => await this.inner.seen(...given))
  isRevoked: SessionStore['isRevoked'] = async (...given) => await this.#pass('isRevoked', async () => await this.inner.isRevoked(...given))
  revoke: SessionStore['revoke'] = async (...given) => await this.#pass('revoke', async () => await this.inner.revoke(...given))
  revokeUser: SessionStore['revokeUser'] = async (...given) => await this.#pass('revokeUser', async () => await this.inner.revokeUser(...given))
  list: SessionStore['list'] = async (...given) => await this.#pass('list', async () => await this.inner.list(...given))
  count: SessionStore['count'] = async (...given) => await this.#pass('count', async () => await this.inner.count(...given))
  purge: SessionStore['purge'] = async () => await this.#pass('purge', async () => await this.inner.purge())

  /** How often a method was called. */
  countOf (method: string): number {
    return this.calls.filter((call) => call === method).length
  }

  async #pass<Value> (method: string, call: () => Promise<Value>): Promise<Value> {
    this.calls.push(method)
    if (this.state === 'down') throw new Error('connection refused')
    if (this.state === 'hanging') await new Promise(() => {})
    return await call()
  }
}
