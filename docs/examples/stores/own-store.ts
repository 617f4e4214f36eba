import type { SessionStore } from 'fastify-bulwark/session/stores/memory'

/** Counts the calls of another store and the time that they took. */
export function measured (store: SessionStore, note: (method: string, milliseconds: number) => void): SessionStore {
  // #region own-store
  const timed = <Answer>(method: string, answer: Promise<Answer>): Promise<Answer> => {
    const start = performance.now()
    return answer.finally(() => note(method, performance.now() - start))
  }
  const { remember } = store
  return {
    isDurable: store.isDurable,
    admit: (record, limit) => timed('admit', store.admit(record, limit)),
    replace: (oldSid, record) => timed('replace', store.replace(oldSid, record)),
    seen: (sid, at) => timed('seen', store.seen(sid, at)),
    isRevoked: (query) => timed('isRevoked', store.isRevoked(query)),
    revoke: (sid, until) => timed('revoke', store.revoke(sid, until)),
    revokeUser: (userId, options) => timed('revokeUser', store.revokeUser(userId, options)),
    list: (userId) => timed('list', store.list(userId)),
    count: (userId) => timed('count', store.count(userId)),
    purge: () => timed('purge', store.purge()),
    remember: {
      create: (row, terms) => timed('remember.create', remember.create(row, terms)),
      rotate: (series, generation, terms) => timed('remember.rotate', remember.rotate(series, generation, terms)),
      revoke: (series) => timed('remember.revoke', remember.revoke(series)),
      revokeUser: (userId, except) => timed('remember.revokeUser', remember.revokeUser(userId, except)),
      list: (userId) => timed('remember.list', remember.list(userId))
    }
  }
  // #endregion own-store
}
