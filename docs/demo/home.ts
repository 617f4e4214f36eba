import type { FastifyPluginAsync } from 'fastify'
import { generateKey, session } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import type { Demo } from './room.ts'

declare module 'fastify-bulwark/session' {
  interface SessionData {
    /** How often the home page was opened. */
    visits: number
  }
}

/** The home page: the rooms, and a session that nobody signed in to, by which it counts the visits of one browser. */
export const home: FastifyPluginAsync<Demo> = async (app, { live }) => {
  await app.register(session, { keys: [generateKey()], store: memoryStore(), cookie: { name: 'home' } })

  app.get('/', (request, reply) => {
    const visits = (request.session.get('visits') ?? 0) + 1
    request.session.set('visits', visits)
    return reply.view('home.eta', { title: 'Home', visits, liveId: live.remember(reply) })
  })
}
