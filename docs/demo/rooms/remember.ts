import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { generateKey, requireLogin, session, type SessionEvent } from 'fastify-bulwark/session'
import { memoryStore } from 'fastify-bulwark/session/stores/memory'
import { PASSWORDS, peopleOf } from '../people.ts'
import type { Room } from '../room.ts'
import { keepTextFields } from '../text-fields.ts'

const path = '/remember'
const SESSION = '__Host-remember-room'
const DEVICE = '__Host-remember-device'

/** Short, so that nobody has to wait for it. */
const GRACE = 5
const TABS = 6
const MOST_EVENTS = 12

type Whoami = { readonly user: string | null, readonly remembered: boolean }

function cookieOf ({ headers }: FastifyRequest, name: string): string | undefined {
  return headers.cookie?.split('; ').find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** A browser that was opened anew with this token, played by the server: who it is, and the cookies that it got. */
async function open (app: FastifyInstance, token: string): Promise<Whoami & { readonly cookies: readonly string[], readonly token: string | undefined }> {
  const reply = await app.inject({ url: `${path}/whoami`, headers: { cookie: `${DEVICE}=${token.replace(/[^\x21-\x3a\x3c-\x7e]/g, '')}` } })
  const cookies = [reply.headers['set-cookie'] ?? []].flat()
  const given = cookies.find((cookie) => cookie.startsWith(`${DEVICE}=v1`))
  return { ...reply.json<Whoami>(), cookies, token: given?.slice(DEVICE.length + 1).split(';')[0] }
}

/** The room of remember-me: a browser that is closed, tabs that are opened at once, and a thief. */
export const room: Room = {
  path,
  title: 'Remember-me',
  summary: 'A device that signs in again on its own, and a stolen cookie that gives itself away.',
  register: async (app, { live }) => {
    app.addHook('preHandler', keepTextFields)
    const events: SessionEvent[] = []
    const people = await peopleOf(app)
    await app.register(formbody)
    await app.register(session, {
      keys: [generateKey()],
      store: memoryStore(),
      cookie: { name: 'remember-room' },
      remember: { cookieName: 'remember-device', grace: GRACE },
      loginPath: path,
      onEvent: (event) => {
        events.unshift(event)
        events.length = Math.min(events.length, MOST_EVENTS)
      }
    })

    app.get(path, async (request, reply): Promise<FastifyReply> => {
      const { userId, remembered, id } = request.session
      const copy = request.session.flash('copy')
      return await reply.view('remember.eta', {
        room: path,
        title: room.title,
        passwords: Object.entries(PASSWORDS),
        user: userId === undefined ? undefined : people.nameOf(userId),
        remembered,
        generation: cookieOf(request, DEVICE)?.split('.')[3],
        notice: request.session.flash('notice'),
        copy: typeof copy === 'string' ? copy : undefined,
        grace: GRACE,
        tabs: TABS,
        devices: userId === undefined ? [] : (await app.sessions.list(userId)).map((record) => ({ ...record, isThis: record.sid === id })),
        events,
        liveId: live.remember(reply)
      })
    })

    app.get(`${path}/whoami`, async ({ session }): Promise<Whoami> => ({ user: session.userId === undefined ? null : people.nameOf(session.userId) ?? null, remembered: session.remembered }))

    app.post<{ Body: { name?: string, password?: string, remember?: string } }>(`${path}/login`, async (request, reply) => {
      const { name = '', password = '', remember } = request.body
      const person = await people.signIn(String(name), String(password))
      if (person === undefined) request.session.flash('notice', 'That was not the password.')
      else await request.session.login(person.id, { remember: remember !== undefined, label: 'This browser' })
      return reply.redirect(path, 303)
    })

    // What a browser does with a cookie without an age when it is closed. The copy of the thief, who is elsewhere, stays.
    app.post<{ Body: { copy?: string } }>(`${path}/close`, async (request, reply) => {
      if (request.body.copy !== undefined) request.session.flash('copy', String(request.body.copy).slice(0, 200))
      reply.header('set-cookie', `${SESSION}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict`)
      return reply.redirect(path, 303)
    })

    app.post(`${path}/tabs`, { preHandler: requireLogin }, async (request, reply) => {
      const token = cookieOf(request, DEVICE) ?? ''
      const tabs = await Promise.all(Array.from({ length: TABS }, async () => await open(app, token)))
      const tokens = new Set(tabs.map((tab) => tab.token))
      request.session.flash('notice', `${tabs.filter(({ user }) => user !== null).length} of ${TABS} tabs are signed in. They got ${tokens.size === 1 ? 'the same next token' : `${tokens.size} tokens`}.`)
      reply.header('set-cookie', [...tabs[0]!.cookies])
      return reply.redirect(path, 303)
    })

    app.post(`${path}/copy`, { preHandler: requireLogin }, async (request, reply) => {
      request.session.flash('copy', cookieOf(request, DEVICE) ?? '')
      return reply.redirect(`${path}#thief`, 303)
    })

    app.post<{ Body: { copy?: string } }>(`${path}/steal`, async (request, reply) => {
      const thief = await open(app, String(request.body.copy ?? '').slice(0, 200))
      request.session.flash('notice', thief.user === null ? 'The thief got nothing: the copy is dead.' : `The thief is ${thief.user}, and has the next token.`)
      if (thief.token !== undefined) request.session.flash('copy', thief.token)
      return reply.redirect(`${path}#thief`, 303)
    })

    app.post<{ Body: { sid?: string } }>(`${path}/end`, { preHandler: requireLogin }, async (request, reply) => {
      await app.sessions.revoke(String(request.body.sid ?? ''), { userId: request.session.userId! })
      return reply.redirect(`${path}#devices`, 303)
    })

    app.post(`${path}/logout`, async (request, reply) => {
      await request.session.logout()
      return reply.redirect(path, 303)
    })
  }
}
