import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyReply } from 'fastify'
import { integrity } from 'fastify-bulwark/integrity'
import { folder } from '../folder.ts'
import type { LiveHeaders } from '../live-headers.ts'
import type { Room } from '../room.ts'

const path = '/integrity'

const assets = new URL('assets/', folder)

/** The files of the room, each with its type. */
const FILES: Readonly<Record<string, string>> = { 'script.js': 'text/javascript', 'module.js': 'text/javascript', 'part.js': 'text/javascript', 'style.css': 'text/css' }

/** What an intruder would leave behind: the same file, but for one byte. */
function tamper (text: string): string {
  return text.replace('Version 1', 'Version 2')
}

/** A tag as the page shows it: without what is there for the page's own sake, and without the nonce, which is nobody's business. */
function shown (tag: string): string {
  return tag.replace(/ data-attempt="\w+"/, '').replace(/ nonce="[^"]*"/, ' nonce="…"')
}

function page (reply: FastifyReply, live: LiveHeaders, tampered: boolean): FastifyReply {
  return reply.view('integrity.eta', {
    room: path,
    title: tampered ? 'Integrity, tampered' : 'Integrity',
    tampered,
    // The same file to the plugin, which looks at no query; to the route below, the altered one.
    shown,
    query: tampered ? '?tampered' : '',
    liveId: live.remember(reply)
  })
}

/** The room of the plugin `integrity`: a page whose files can be altered on the server, and that loads them as they were or not at all. */
export const room: Room = {
  path,
  title: 'Integrity',
  summary: 'A hash for every script and stylesheet, so that the browser refuses what was altered, and a policy by which it refuses what has no hash.',
  register: async (app, { live }) => {
    await app.register(integrity, {
      roots: [
        { root: fileURLToPath(assets), prefix: `${path}/assets/` },
        { root: new URL('public/', folder), prefix: '/public/' }
      ],
      integrityPolicy: {}
    })

    app.get(path, (_request, reply) => page(reply, live, false))
    app.get(`${path}/tampered`, (_request, reply) => page(reply, live, true))

    for (const [name, type] of Object.entries(FILES)) {
      const text = readFileSync(new URL(name, assets), 'utf8')
      app.get<{ Querystring: { tampered?: string } }>(`${path}/assets/${name}`, (request, reply) => reply
        .header('cache-control', 'no-store')
        .type(type)
        .send(request.query.tampered === undefined ? text : tamper(text)))
    }

    // Served by the application, and below no root: nobody has hashed it.
    app.get(`${path}/forgotten.js`, (_request, reply) => reply.type('text/javascript').send("ran('forgotten')"))
    app.get(`${path}/bare.js`, (_request, reply) => reply.type('text/javascript').send("ran('bare')"))
    app.get(`${path}/added.js`, (_request, reply) => reply.type('text/javascript').send("ran('added')"))
  }
}
