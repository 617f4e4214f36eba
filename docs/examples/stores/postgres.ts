import { postgresStore, type SessionStore } from 'fastify-bulwark/session/stores/postgres'
import pg from 'pg'

export async function connect (settings: pg.PoolConfig): Promise<{ store: SessionStore, close: () => Promise<void> }> {
  // #region postgres
  const pool = new pg.Pool({ ...settings, connectionTimeoutMillis: 2000, query_timeout: 5000 })
  pool.on('error', (error) => console.error(error.message))
  const store = postgresStore(pool)
  await store.createTables()

  const purging = setInterval(() => store.purge().catch((error: Error) => console.error(error.message)), 600_000)
  purging.unref()
  // #endregion postgres
  return {
    store,
    async close () {
      clearInterval(purging)
      await pool.end()
    }
  }
}
