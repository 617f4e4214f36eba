import Fastify, { type FastifyInstance } from 'fastify'
import { csrf } from 'fastify-bulwark/csrf'
import { files } from 'fastify-bulwark/files'
import { headers } from 'fastify-bulwark/headers'
import { input } from 'fastify-bulwark/input'
import { redirect } from 'fastify-bulwark/redirect'
import { session } from 'fastify-bulwark/session'
import { transport } from 'fastify-bulwark/transport'

export async function build (origin: string, keys: readonly string[]): Promise<FastifyInstance> {
  const app = Fastify()
  // #region parts
  await app.register(headers)
  await app.register(transport, { hosts: [new URL(origin).hostname] })
  await app.register(session, { keys })
  await app.register(csrf, { keys, origin })
  await app.register(input)
  await app.register(files)
  await app.register(redirect, { keys, origin })
  // #endregion parts
  return app
}
