import formbody from '@fastify/formbody'
import type { FastifyReply } from 'fastify'
import { isSafeRedirect, redirect, resolveRedirect, type RefusalReason, type ResolveOptions } from 'fastify-bulwark/redirect'
import { randomBytes } from 'node:crypto'
import type { LiveHeaders } from '../live-headers.ts'
import { parseUrl } from '../parse-url.ts'
import type { Room } from '../room.ts'

const path = '/redirect'

/** The site of the examples, and the page that a visitor of it is on. The room itself is served under whatever name this machine has. */
const EXAMPLE: ResolveOptions = { origin: 'https://app.test', hosts: ['good.test'] }
const PAGE = 'https://app.test/login'

const REASONS: Readonly<Record<RefusalReason, string>> = {
  type: 'it is no text',
  empty: 'there is nothing in it',
  length: 'it is too long',
  malformed: 'the parser of URLs cannot read it',
  scheme: 'its scheme is neither http nor https',
  credentials: 'there is a user name before the host',
  host: 'its host is not on the list',
  insecure: 'it leads to the own host over plain http',
  'not-local': 'it is no path of this site'
}

interface Trick { readonly value: string, readonly note: string }

/** Two dozen targets that guards have fallen for, and some that they must not refuse. */
export const TRICKS: readonly Trick[] = [
  { value: '/dashboard', note: 'A path. Nothing is wrong with it.' },
  { value: 'https://app.test/account?tab=1', note: 'The own site, in full.' },
  { value: 'https://good.test/help', note: 'A site on the list.' },
  { value: '/日本', note: 'A path beyond ASCII. Fastify alone answers it with status 500.' },
  { value: '/a/../b', note: 'A path that the parser shortens.' },
  { value: 'https://someothersite.org', note: 'Another site, and no secret made of it.' },
  { value: '//evil.test', note: 'A host without a scheme. It begins with a slash, like a path.' },
  { value: '/\\evil.test', note: 'To a browser a backslash is a slash.' },
  { value: '/\t/evil.test', note: 'A browser drops the tab, and two slashes remain.' },
  { value: '\u0001//evil.test', note: 'A control character in front, which a browser drops.' },
  { value: 'https:evil.test', note: 'Relative on a page of https, absolute on one of http.' },
  { value: 'https:/\\/evil.test', note: 'Slashes of both kinds, one too many.' },
  { value: '///evil.test', note: 'A third slash changes nothing.' },
  { value: 'https://app.test@evil.test', note: 'The own name, as the name of a user.' },
  { value: 'https://evil.test\\@app.test', note: 'The backslash ends the host, before the @.' },
  { value: 'https://app.test.evil.test', note: 'The own name, as a part of another one.' },
  { value: 'https://app.test\u200b.evil.test', note: 'The same with a space that has no width.' },
  { value: '//evil。test', note: 'An ideographic full stop is a dot.' },
  { value: '//2130706433', note: 'A number is an address: 127.0.0.1.' },
  { value: 'https://app.test:8443/', note: 'The own name, but another port.' },
  { value: 'http://app.test/', note: 'The own site without encryption.' },
  { value: '/.//evil.test', note: 'It stays. But its path alone, sent again, would leave.' },
  { value: 'javascript:alert(document.domain)', note: 'A script in the place of an address.' },
  { value: 'javascript://app.test/%0aalert(1)', note: 'The same with the own host in it.' },
  { value: 'file:///etc/passwd', note: 'A file of the visitor.' },
  { value: 'blob:https://app.test/1234', note: 'Its origin is the own one. Its scheme is not.' }
]

/** A text with what cannot be seen made visible. */
function visible (text: string): string {
  return text.replaceAll(/[\p{Control}\p{Format}\p{Surrogate}\u2028\u2029]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export interface Verdict { readonly value: string, readonly destination: string, readonly leaves: boolean, readonly accepted: boolean, readonly answer: string, readonly verbatim: boolean }

/** What a browser would have made of a value, and what the guard says. */
export function judge (value: string): Verdict {
  const resolution = resolveRedirect(value, EXAMPLE)
  const url = parseUrl(value, PAGE)
  return {
    value: visible(value),
    destination: url === undefined ? 'nowhere that Node can tell' : visible(url.href),
    leaves: url === undefined || !['https://app.test', 'https://good.test'].includes(url.origin) || url.protocol === 'blob:',
    accepted: resolution.ok,
    answer: resolution.ok ? resolution.href : REASONS[resolution.reason],
    verbatim: isSafeRedirect(value, EXAMPLE)
  }
}

interface Shown { readonly verdict?: Verdict, readonly token?: { readonly text: string, readonly changed: string }, readonly arrived?: string }

function page (reply: FastifyReply, live: LiveHeaders, { verdict, token, arrived }: Shown = {}): FastifyReply {
  const tricks = TRICKS.map(({ value, note }) => ({ shown: visible(value), note, link: `${path}?value=${encodeURIComponent(value)}#answer` }))
  return reply.view('redirect.eta', { room: path, title: 'Redirects', tricks, verdict, token, arrived, liveId: live.remember(reply) })
}

/** The room of the plugin `redirect`: a login form, tricky targets to click, a signed target, and a link that leaves. */
export const room: Room = {
  path,
  title: 'Redirects',
  summary: 'No redirect leaves the site by accident: every target is read as a browser reads it, before it is sent.',
  register: async (app, { live }) => {
    await app.register(formbody)
    // The room does not know under which name it is visited, so it redirects to paths alone.
    await app.register(redirect, { localOnly: true, keys: [randomBytes(32).toString('hex')] })

    app.get<{ Querystring: { value?: string } }>(path, (request, reply) => {
      const { value } = request.query
      return page(reply, live, typeof value === 'string' ? { verdict: judge(value) } : {})
    })

    app.post(`${path}/login`, { config: { security: { redirect: { field: 'next', in: ['body'], fallback: `${path}/arrived` } } } },
      (request, reply) => reply.safeRedirect(request.redirectTarget))
    app.get(`${path}/arrived`, (_request, reply) => page(reply, live, { arrived: 'The redirect led here, to a page of this site.' }))

    // It does what no handler should do, and the net catches it.
    app.get<{ Querystring: { next: string } }>(`${path}/careless`, (request, reply) => reply.redirect(request.query.next))

    app.get<{ Querystring: { next?: string } }>(`${path}/signed`, (request, reply) => {
      const text = request.signNext(request.query.next ?? `${path}/arrived`, { maxAge: 300 })
      return page(reply, live, { token: { text, changed: `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}` } })
    })
    app.post<{ Body: { token?: string } | undefined }>(`${path}/signed`, (request, reply) => {
      const target = request.verifyNext(request.body?.token)
      return target === null ? page(reply.code(400), live, { arrived: 'The token was refused: it was changed, or it is older than five minutes.' }) : reply.safeRedirect(target)
    })

    app.get<{ Querystring: { to?: string } }>(`${path}/out`, (request, reply) => reply.leaveTo(request.query.to))
  }
}
