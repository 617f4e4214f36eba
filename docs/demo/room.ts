import type { FastifyPluginAsync } from 'fastify'
import type { LiveHeaders } from './live-headers.ts'

/** What the rooms share. */
export interface Demo {
  readonly live: LiveHeaders
  /** The port that the site is meant to listen on. */
  readonly port: number
}

/** The demonstration of one plugin. */
export interface Room {
  /** Where the room is; all of its addresses begin with it. */
  readonly path: string
  readonly title: string
  /** What the plugin does, in one sentence, for the home page. */
  readonly summary: string
  readonly register: FastifyPluginAsync<Demo>
}
