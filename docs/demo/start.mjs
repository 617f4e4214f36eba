import { build } from '../../.ci/build.mjs'
import { installPackages } from '../../.ci/install.mjs'

try {
  installPackages()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
if (!await build()) process.exit(1)

// Imported only now, since it was compiled a moment ago.
const { start } = await import('../../dist/docs/demo/server.js')
const port = Number(process.env.PORT ?? 3000)
try {
  const app = await start({ port })
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      // A browser may hold a stream open for ever.
      setTimeout(() => process.exit(0), 1000).unref()
      await app?.close()
      process.exit(0)
    })
  }
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error
  console.error(`Port ${port} is taken: choose another one by the environment variable PORT.`)
  process.exit(1)
}
