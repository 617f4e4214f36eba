import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { memoryStore } from '../../lib/session/stores/memory.ts'
import { bulwark } from '../../plugins/bulwark.ts'
import { CONTENT_TYPE, formBody } from '../lib/files/form-body.ts'
import { png } from '../lib/files/samples.ts'
import { OPTIONS, cookiesOf, declareRoutes, secured, take } from './whole.ts'

// ASVS 16.2.5: what one visitor does with everything together, good and bad, at the level trace. Whatever was secret in it is looked for in every line.

t.test('no line of the log holds a key, a cookie, a token, a password, what a form or a file held, or data of a session', async (t) => {
  const lines: string[] = []
  const events: unknown[] = []
  const app = Fastify({ trustProxy: '10.0.0.1', logger: { level: 'trace', stream: { write: (line: string) => lines.push(line) } } }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  const onEvent = (event: unknown): void => { events.push(event) }
  await app.register(bulwark, { ...OPTIONS, session: { ...OPTIONS.session, store: memoryStore(), onEvent }, csrf: { onEvent } })
  for (const step of ['multipart', 'formbody', 'static'] as const) await take(app, step)
  declareRoutes(app)
  const secrets = new Set<string>([...OPTIONS.keys!, 'user-in-clear', 'data-in-clear', 'flash-in-clear', 'password-in-clear', 'field-in-clear', 'bytes-in-clear', 'code-in-clear', 'header-in-clear'])
  app.post<{ Querystring: { user?: string } }>('/enter', async (request) => {
    await request.session.login('user-in-clear', { remember: true, label: 'Firefox' })
    request.session.set('cart' as never, 'data-in-clear' as never)
    request.session.flash('notice', 'flash-in-clear')
    secrets.add(request.session.id!)
    secrets.add(request.signNext('/me', { maxAge: 60 }))
    return { token: request.csrfToken() }
  })
  app.post('/change', { config: { security: { csrf: 'token' } } }, async (request) => { await request.session.reauthenticate(); return '' })
  app.post('/leave', async (request) => { await request.session.logout({ everywhere: true }); return '' })
  app.post('/fail', async () => { throw new Error('a failure') })
  app.post('/elsewhere', (_request, reply) => reply.redirect('https://ada:password-in-clear@idp.test/?code=code-in-clear'))

  let cookie = ''
  const visit = async (request: InjectOptions, given = cookie): Promise<LightMyRequestResponse> => {
    const reply = await app.inject(secured({ ...request, headers: { 'sec-fetch-site': 'same-origin', accept: 'text/html', authorization: 'Bearer header-in-clear', ...given !== '' && { cookie: given }, ...request.headers } }))
    for (const { value } of reply.cookies) if (value !== '') secrets.add(value)
    for (const [, token] of reply.body.matchAll(/"([\w-]{86})"/g)) secrets.add(token!)
    return reply
  }
  const form = { method: 'POST', url: '/form', headers: { 'content-type': 'application/x-www-form-urlencoded' } } as const

  await visit({ url: '/' })
  const page = await visit({ url: '/form' })
  const anonymous = cookiesOf(page)
  const entered = await visit({ method: 'POST', url: '/enter', payload: { password: 'password-in-clear' } }, anonymous)
  cookie = cookiesOf(entered)
  const { token } = entered.json<{ token: string }>()
  t.equal((await visit({ url: '/me' })).statusCode, 200)
  t.equal((await visit({ method: 'POST', url: '/change', headers: { 'x-csrf-token': token } }, cookie)).statusCode, 200)
  const old = cookie
  for (const payload of ['name=field-in-clear', 'name=field-in-clear-and-too-long&password=password-in-clear', '_csrf=code-in-clear&name=x']) await visit({ ...form, payload })
  await visit({ ...form, headers: { 'content-type': 'application/json' }, payload: '{"name":"field-in-clear' })
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': '', origin: 'https://evil.test', referer: 'https://evil.test/code-in-clear' }]) await visit({ ...form, headers: { ...form.headers, ...headers }, payload: `_csrf=${token}` })
  const upload = { method: 'POST', url: '/upload', headers: { 'content-type': CONTENT_TYPE } } as const
  await visit({ ...upload, payload: formBody({ name: '_csrf', data: token }, { name: 'photo', filename: 'a.png', data: png() }) })
  for (const name of ['photo', 'other']) await visit({ ...upload, payload: formBody({ name, filename: 'field-in-clear.png', data: 'bytes-in-clear' }) })
  await visit({ method: 'POST', url: '/elsewhere' })
  await visit({ method: 'POST', url: '/fail', payload: { password: 'password-in-clear' } })
  for (const given of [`${old}x`, old.replaceAll('=', '=x'), `${old}; ${old}`, '__Host-session=code-in-clear']) await visit({ url: '/me' }, given)
  await visit({ method: 'POST', url: '/leave' })
  await visit({ url: '/me' }, old)
  await visit({ url: '/me', headers: { 'x-forwarded-proto': 'http' } }, old)
  await visit({ url: '/me', headers: { host: 'evil.test' } }, old)

  t.ok(secrets.size > 15, `${secrets.size} secrets`)
  t.ok(lines.length > 50 && events.length > 5)
  const text = lines.join('') + JSON.stringify(events)
  for (const secret of secrets) t.notOk(text.includes(secret), `${secret.slice(0, 16)}…`)
})
