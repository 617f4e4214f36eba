import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LiveHeaders } from '../live-headers.ts'
import type { Room } from '../room.ts'

const path = '/headers'

/** Browsers send reports as one of these. */
const REPORT_TYPES = ['application/csp-report', 'application/reports+json']
const LARGEST_REPORT = 16_384

/** This machine's other name: to a browser it is another site, and the page need not ask a stranger for a picture. */
function foreignOrigin ({ hostname, port }: FastifyRequest): string {
  // `null` or out of range where the client made its Host header up.
  const suffix = port !== null && port >= 1 && port <= 65_535 ? `:${port}` : ''
  return `http://${hostname === 'localhost' ? '127.0.0.1' : 'localhost'}${suffix}`
}

function page (request: FastifyRequest, reply: FastifyReply, live: LiveHeaders, enforced: boolean): FastifyReply {
  return reply.view('headers.eta', {
    room: path,
    title: enforced ? 'Headers' : 'Headers, report only',
    enforced,
    foreign: foreignOrigin(request),
    liveId: live.remember(reply)
  })
}

const FOREIGN_IMAGE = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40">
<rect width="120" height="40" rx="6" fill="#b3261e"/><text x="60" y="26" font-family="sans-serif" font-size="16" text-anchor="middle" fill="#fff">foreign</text></svg>`

/** The room of the plugin `headers`: a page that shows its own headers, and tries to break its own policy. */
export const room: Room = {
  path,
  title: 'Headers',
  summary: 'Security headers on every reply, with a Content-Security-Policy whose nonce is made when a page asks for one.',
  register: async (app, { live }) => {
    let reports = 0

    app.get(path, (request, reply) => page(request, reply, live, true))

    app.get(`${path}/report-only`, {
      config: {
        security: {
          headers: {
            contentSecurityPolicy: false,
            // `report-uri`, since over plain http Chromium heeds no Reporting-Endpoints.
            contentSecurityPolicyReportOnly: { set: { 'report-uri': [`${path}/reports`] } }
          }
        }
      }
    }, (request, reply) => page(request, reply, live, false))

    // It plays the picture of another site that does not mind being embedded, so that only the policy is in its way.
    app.get(`${path}/foreign.svg`, { config: { security: { headers: { crossOriginResourcePolicy: 'cross-origin' } } } },
      (_request, reply) => reply.type('image/svg+xml').send(FOREIGN_IMAGE))

    app.get(`${path}/data`, async () => ({ message: 'A reply for programs: nothing to load, nothing to run, nobody to frame it.' }))

    app.get(`${path}/error`, async () => {
      throw new Error('This error is thrown on purpose, by the button in the room of the headers.')
    })

    // Counted and thrown away: whatever is in them was written by a stranger.
    app.addContentTypeParser(REPORT_TYPES, { parseAs: 'buffer', bodyLimit: LARGEST_REPORT }, (_request, _body, done) => done(null))
    app.post(`${path}/reports`, (_request, reply) => {
      reports++
      return reply.code(204).send()
    })
    app.get(`${path}/reports`, (_request, reply) => reply.header('cache-control', 'no-store').send({ reports }))
  }
}
