import Fastify from 'fastify'
import { headers, secureServerOptions } from 'fastify-bulwark/headers'
import { requireLogin, session } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import { transport } from 'fastify-bulwark/transport'

// #region log
const app = Fastify({
  ...secureServerOptions(),
  trustProxy: process.env['TRUSTED_PROXIES'] ?? 'loopback',
  logger: {
    // The query may hold what is nobody's business: a signed address, a token of another system, a name that was searched for.
    serializers: { req: ({ method, url, ip }) => ({ method, path: url.split('?')[0], ip }) },
    redact: ['*.password', '*.token', '*.headers.cookie', '*.headers.authorization']
  }
})
// #endregion log

// #region keys
const keys = (name: string): string[] => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set.`)
  return value.split(',')
}

await app.register(transport, { hosts: ['app.example'] })
await app.register(headers)
// Several processes: redisStore or postgresStore.
await app.register(session, { keys: keys('SESSION_KEYS'), store: memoryStore() })
// #endregion keys

// #region health
const exempt = { config: { security: { transport: false as const } }, logLevel: 'warn' as const }
let isLeaving = false

// Whether this process lives. It asks nothing else: a database that is down is no reason to start it anew.
app.get('/health/live', exempt, () => 'ok')
// Whether it is to be given requests.
app.get('/health/ready', exempt, (_request, reply) => isLeaving ? reply.code(503).send('leaving') : 'ok')
// #endregion health

app.get('/me', { preHandler: requireLogin }, ({ session }) => ({ user: session.userId }))

// #region close
/** Milliseconds until the balancer has seen that this process is leaving. */
const NOTICE = Number(process.env['NOTICE'] ?? 5000)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    isLeaving = true
    setTimeout(() => {
      app.close().catch((error: unknown) => {
        app.log.error(error)
        process.exitCode = 1
      })
    }, NOTICE)
  })
}
// #endregion close

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: process.env['HOST'] ?? '127.0.0.1' })
