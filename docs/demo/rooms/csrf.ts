import type { AddressInfo } from 'node:net'
import formbody from '@fastify/formbody'
import type { FastifyRequest } from 'fastify'
import { csrf, generateKey, type CsrfReason } from 'fastify-bulwark/csrf'
import { startAttacker, type Attacker } from '../attacker.ts'
import type { Room } from '../room.ts'

const path = '/csrf'

/** So many are remembered. */
const MOST_ATTEMPTS = 40

/** What a browser sent, and what came of it. */
interface Attempt {
  readonly number: number
  readonly attempt: string
  readonly method: string
  readonly contentType: string
  readonly fetchSite: string
  readonly origin: string
  readonly status: number
  readonly reason: string
}

const REASONS: Readonly<Record<CsrfReason, string>> = {
  'cross-site': 'another site',
  'same-site': 'another origin of the same site',
  'fetch-site-unknown': 'an unknown relation',
  'origin-foreign': 'another origin',
  'referer-foreign': 'another page',
  'token-missing': 'no token',
  'token-malformed': 'no token, but something else',
  'token-unbound': 'a token without its cookie',
  'token-wrong': 'a wrong token'
}

const short = (value: unknown): string => value === undefined ? '—' : String(value).slice(0, 80)

/** The room of the plugin `csrf`: an account, and an attacker on another port who wants money from it. */
export const room: Room = {
  path,
  title: 'Cross-site requests',
  summary: 'Refuses what another site has a visitor’s browser send. The browser says where a request comes from; where it does not, a token tells.',
  register: async (app, { live, port }) => {
    const attempts: Attempt[] = []
    const reasons = new WeakMap<FastifyRequest, CsrfReason>()
    let starting: Promise<Attacker | undefined> | undefined
    let isClosed = false
    let number = 0
    let money = 1000

    await app.register(csrf, {
      origin: [`http://localhost:${port}`, `http://127.0.0.1:${port}`],
      keys: [generateKey()],
      // Nothing is answered here: the error page is as good.
      onRefused: (request, _reply, reason) => { reasons.set(request, reason) }
    })
    await app.register(formbody)

    /** With the first page: a visitor may be there before any hook has told that the site listens. */
    const attack = async (): Promise<Attacker | undefined> => {
      if (app.server.listening && !isClosed) starting ??= startAttacker((app.server.address() as AddressInfo).port)
      return await starting
    }
    app.addHook('onClose', async () => {
      isClosed = true
      await (await starting)?.close()
    })

    function remember (request: FastifyRequest, status: number): void {
      const { attempt } = request.query as { attempt?: string }
      if (attempt === undefined) return
      const { headers } = request
      const reason = reasons.get(request)
      attempts.unshift({
        number: ++number,
        attempt: short(attempt),
        method: request.method,
        contentType: short(headers['content-type']),
        fetchSite: short(headers['sec-fetch-site']),
        origin: short(headers.origin),
        status,
        reason: reason === undefined ? '' : REASONS[reason]
      })
      attempts.length = Math.min(attempts.length, MOST_ATTEMPTS)
    }
    app.addHook('onResponse', (request, reply, next) => {
      remember(request, reply.statusCode)
      next()
    })

    app.get(path, async (request, reply) => {
      const attacker = await attack()
      const here = request.hostname === '127.0.0.1' ? '127.0.0.1' : 'localhost'
      const other = here === 'localhost' ? '127.0.0.1' : 'localhost'
      const frames = attacker === undefined
        ? []
        : [{ title: 'Another site', origin: `http://${other}:${attacker.port}` }, { title: 'Another port of this host', origin: `http://${here}:${attacker.port}` }]
      for (const { origin } of frames) reply.csp.append('frame-src', origin)
      return reply.view('csrf.eta', { room: path, title: 'Cross-site requests', here, frames, field: request.csrfField(), money, liveId: live.remember(reply) })
    })

    app.get(`${path}/attempts`, (_request, reply) => reply.header('cache-control', 'no-store').send({ attempts, money }))

    const transfer = async (): Promise<{ money: number }> => {
      money -= 100
      return { money }
    }
    app.post(`${path}/transfer`, transfer)
    // What the form of the page leads to: it wants the token, whatever the browser says.
    app.post(`${path}/transfer-with-token`, { config: { security: { csrf: 'token' } } }, async (_request, reply) => {
      await transfer()
      return reply.redirect(path, 303)
    })
    // A mistake that is often made: a GET that changes something. It can be guarded all the same.
    app.get(`${path}/transfer-by-link`, { config: { security: { csrf: 'strict' } } }, transfer)
    app.get(`${path}/live`, { websocket: true }, (socket, request) => {
      remember(request, 101)
      socket.close()
    })
  }
}
