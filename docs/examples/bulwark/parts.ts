import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { bulwark } from 'fastify-bulwark'

export async function build (key: string, oldKey: string, folder: string): Promise<FastifyInstance> {
  const app = Fastify()
  // #region parts
  await app.register(bulwark, {
    origin: 'https://app.example',
    hosts: ['app.example', '*.app.example'],
    keys: [key, oldKey],
    headers: { contentSecurityPolicy: { append: { imgSrc: ['https://img.example'] } } },
    integrity: { roots: [{ root: folder, prefix: '/public/' }] },
    csrf: { trustedOrigins: ['https://shop.example'] },
    redirect: { hosts: ['shop.example'] },
    input: false
  })
  await app.register(fastifyStatic, { root: folder, prefix: '/public/' })
  await app.register(multipart)
  // #endregion parts
  return app
}
