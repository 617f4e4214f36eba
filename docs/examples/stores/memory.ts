import { memoryStore, type SessionStore } from 'fastify-bulwark/session/stores/memory'

export function build (): SessionStore {
  // #region memory
  const store = memoryStore({ maxSessions: 10_000, maxRevocations: 50_000 })
  // #endregion memory
  return store
}
