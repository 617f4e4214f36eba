import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()

  // #region websocket
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  await app.register(websocket)
  app.get('/live', { websocket: true }, (socket) => socket.send('opened for the own pages'))
  // #endregion websocket

  return app
}
