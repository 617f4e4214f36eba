import net from 'node:net'
import websocket from '@fastify/websocket'
import t from 'tap'
import { requireLogin } from '../../../plugins/session.ts'
import { exchange, listen } from '../raw-http.ts'
import { cookiesOf, secured } from '../whole.ts'
import { besides } from './beside.ts'

// Known friction: CORS does not hold for a WebSocket, which every site may open with the cookies of a visitor; hooks that send nothing over the upgraded socket, so
// that the client waits for ever; a session that hooks for replies would have kept.

besides(t, (app) => app.register(websocket), async (t, app) => {
  app.get('/login', async (request) => { await request.session.login('42') })
  app.register(async (scope) => {
    scope.get('/live', { websocket: true, preHandler: requireLogin } as object, ((socket: { send (text: string): void }, request: { session: { userId: string } }) => socket.send(`user ${request.session.userId}`)) as never)
  })
  const port = await listen(t, app)
  const cookie = cookiesOf(await app.inject(secured({ url: '/login' })))
  const open = async (...lines: string[]) => await exchange(net.connect(port, '127.0.0.1'), [
    'GET /live HTTP/1.1', 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', ...lines, '', ''
  ].join('\r\n'))
  const own = [`host: localhost:${port}`, `cookie: ${cookie}`]

  const opened = await open(...own, 'origin: https://app.test', 'sec-fetch-site: same-origin')
  t.equal(opened.status, 101, 'the own page opens it, with its session')
  t.notOk('content-security-policy' in opened.headers || 'set-cookie' in opened.headers, 'a reply that hooks do not see carries nothing of theirs')
  const cases: Array<[what: string, lines: string[], status: number]> = [
    ['the page of another site', [...own, 'origin: https://evil.test', 'sec-fetch-site: cross-site'], 403],
    ['a stranger', [`host: localhost:${port}`, 'origin: https://app.test', 'sec-fetch-site: same-origin'], 401],
    ['another host', ['host: evil.test', `cookie: ${cookie}`, 'origin: https://app.test', 'sec-fetch-site: same-origin'], 421]
  ]
  for (const [what, lines, status] of cases) {
    const refused = await open(...lines)
    t.equal(refused.status, status, `${what} is refused, and the socket is ended`)
    t.same(refused.headers['x-content-type-options'], ['nosniff'], what)
  }
})
