import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Replies that are remembered: enough for a page to be reloaded and gone back to, and too few to fill the memory. */
const REMEMBERED = 200

/** Never shown to a script: the browser hides a session's cookie from scripts, and this page must not hand it back to them. */
const HIDDEN = 'set-cookie'

const NOTES: Readonly<Record<string, string>> = {
  'cache-control': 'A page with a nonce, or with a session, is for one browser only: no cache in between may give it to somebody else.',
  'content-length': 'How many bytes the body has. Set by Fastify.',
  'content-security-policy': 'What the page may load, run and talk to. Whatever is not on the list, the browser refuses.',
  'content-security-policy-report-only': 'A policy on trial: the browser reports what it would refuse, and refuses nothing.',
  'content-type': 'Says that the body is HTML, and in which character set.',
  'cross-origin-embedder-policy': 'Only resources that agree may be embedded.',
  'cross-origin-opener-policy': 'Other sites that open this page get no handle on its window.',
  'cross-origin-resource-policy': 'Other sites may not embed this reply as an image, a script or anything else.',
  'integrity-policy': 'The browser loads no script that carries no hash.',
  'integrity-policy-report-only': 'The same on trial: the browser reports and refuses nothing.',
  'origin-agent-cluster': 'Asks the browser for a process apart from other sites of the same domain.',
  'permissions-policy': 'Camera, microphone, location and the like stay off, even for a script that gets in.',
  'referrer-policy': 'Other sites learn the name of this one when a link is followed, never which page it was.',
  'reporting-endpoints': 'Where the browser sends its reports.',
  'set-cookie': 'A session, sealed so that only the server reads it. No script sees it, and it goes with requests of this site only.',
  'strict-transport-security': 'For a year the browser uses https only. Sent on https replies alone.',
  vary: 'The reply depends on these headers of the request, which a cache has to compare.',
  'x-content-type-options': 'The browser believes the content type instead of guessing one.',
  'x-frame-options': 'The same as frame-ancestors in the policy, for browsers from before it: nobody may show this page in a frame.'
}

/** A header as it was sent, with a sentence on it. */
export interface LiveHeader {
  readonly name: string
  readonly value: string
  readonly note: string
}

/**
 * The headers of a reply, for the page that came with them.
 *
 * While a page is being written nobody knows its headers: they follow from what the page used. So the page carries the number
 * of its reply, and asks for what was sent under it.
 */
export class LiveHeaders {
  readonly #replies = new Map<string, FastifyReply>()

  /** Gives a reply the number under which its page may ask for the headers. */
  remember (reply: FastifyReply): string {
    const id = randomUUID()
    this.#replies.set(id, reply)
    if (this.#replies.size > REMEMBERED) {
      const [oldest] = this.#replies.keys()
      if (oldest !== undefined) this.#replies.delete(oldest)
    }
    return id
  }

  /** What was sent with a reply; nothing for a number that is unknown or forgotten. */
  of (id: string): { status: number, headers: LiveHeader[] } | undefined {
    const reply = this.#replies.get(id)
    if (reply?.raw.headersSent !== true) return undefined
    const headers = Object.entries(reply.getHeaders()).map(([name, value]) => ({
      name,
      value: name === HIDDEN ? '(not shown to scripts)' : String(value),
      note: NOTES[name] ?? 'Set by the application.'
    }))
    return { status: reply.statusCode, headers: headers.sort((a, b) => a.name < b.name ? -1 : 1) }
  }

  /** Adds the address that pages ask. */
  serve (app: FastifyInstance): void {
    app.get<{ Params: { id: string } }>('/live-headers/:id', (request, reply) => {
      const sent = this.of(request.params.id)
      if (sent === undefined) return reply.code(404).send({ message: 'The headers of this reply are not remembered any more.' })
      return reply.header('cache-control', 'no-store').send(sent)
    })
  }
}
