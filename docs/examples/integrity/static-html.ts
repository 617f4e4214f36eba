import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import { hashesOfFile } from 'fastify-bulwark/integrity'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region hashes
  const { scripts, styles } = hashesOfFile('docs/examples/integrity/public/index.html')
  await app.register(headers, {
    contentSecurityPolicy: { append: { 'script-src': scripts, 'style-src': styles } }
  })
  await app.register(fastifyStatic, { root: resolve('docs/examples/integrity/public') })
  // #endregion hashes

  return app
}
