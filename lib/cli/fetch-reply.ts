import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import { parseUrl } from '../parse-url.ts'
import { CommandError, reasonOf } from './command-error.ts'

/** The headers of one reply. What stands behind them is not read. */
export interface Reply {
  readonly url: URL
  readonly method: string
  readonly status: number
  /** In their order, names as they were sent. */
  readonly pairs: ReadonlyArray<readonly [name: string, value: string]>
  /** Whether the certificate was valid; true over http, where there is none. */
  readonly isVerified: boolean
}

/** How requests are made. */
export interface FetchOptions {
  readonly signal: AbortSignal
  /** Seconds of the signal, for the sentence. */
  readonly timeout: number
  /** Go on where the certificate is not valid. */
  readonly isInsecure: boolean
}

/** Bytes of all headers of a reply: four times what Node takes by default. */
const MOST_HEADER_BYTES = 65_536

/** Redirects that are followed: as many as the Observatory does. */
export const MOST_REDIRECTS = 10

const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * An address as it was given; `https` where it names no scheme. Throws `CommandError` for one that is none of http and https, or holds a name and a
 * password: this program sends no credentials.
 */
export function parseAddress (text: string): URL {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  const url = parseUrl(given)
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new CommandError('Expected an address of http or https.')
  if (url.username !== '' || url.password !== '') throw new CommandError('The address holds a name or a password, and this program sends none: leave it out.')
  url.hash = ''
  return url
}

/** The address of the same page over plain http; `undefined` where the port of one over https says nothing about that of the other. */
export function plainAddress ({ hostname, port, pathname }: URL): URL | undefined {
  return port === '' ? new URL(`http://${hostname}${pathname}`) : undefined
}

/**
 * The replies from an address to where it redirects, at most ten redirects on; each asked by HEAD, and by GET where that is not allowed.
 * No cookie and no credential is sent, whatever a reply sets or an address holds. Throws `CommandError`.
 */
export async function follow (url: URL, options: FetchOptions): Promise<Reply[]> {
  const replies: Reply[] = []
  for (let next: URL | undefined = url; next !== undefined && replies.length <= MOST_REDIRECTS;) {
    const head: Reply = await ask(next, 'HEAD', {}, options)
    const reply: Reply = [405, 501].includes(head.status) ? await ask(next, 'GET', {}, options) : head
    replies.push(reply)
    next = targetOf(reply)
  }
  return replies
}

/** Where a reply redirects; `undefined` where it does not, or to what is no address of http. */
export function targetOf ({ url, status, pairs }: Reply): URL | undefined {
  const location = pairs.find(([name]) => name.toLowerCase() === 'location')?.[1]
  if (!REDIRECTS.includes(status) || location === undefined) return undefined
  const target = parseUrl(location, url.href)
  return target !== undefined && ['http:', 'https:'].includes(target.protocol) ? target : undefined
}

/** One request without a body. Throws `CommandError` when no reply comes. */
export async function ask (url: URL, method: string, headers: Readonly<Record<string, string>>, options: FetchOptions): Promise<Reply> {
  try {
    return await exchange(url, method, headers, options)
  } catch (error) {
    throw new CommandError(sentenceFor(error as NodeJS.ErrnoException, url, options), { cause: error })
  }
}

async function exchange (url: URL, method: string, headers: Readonly<Record<string, string>>, { signal, isInsecure }: FetchOptions): Promise<Reply> {
  // Node would send a name and a password of the address as credentials.
  const { auth, ...target } = urlToHttpOptions(url)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return await new Promise((resolve, reject) => {
    request({
      ...target,
      method,
      headers: { accept: 'text/html,*/*;q=0.8', 'user-agent': 'fastify-bulwark', ...headers },
      agent: false,
      maxHeaderSize: MOST_HEADER_BYTES,
      rejectUnauthorized: !isInsecure,
      signal
    }).once('response', (message: IncomingMessage) => {
      const { statusCode, rawHeaders, socket } = message
      const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index) => [rawHeaders[2 * index]!, rawHeaders[2 * index + 1]!] as const)
      resolve({ url, method, status: statusCode!, pairs, isVerified: (socket as TLSSocket).encrypted !== true || (socket as TLSSocket).authorized })
      message.destroy()
    }).on('error', reject).on('close', () => reject(new Error('the connection was closed'))).end()
  })
}

function sentenceFor (error: NodeJS.ErrnoException, { protocol, host, hostname }: URL, { timeout }: FetchOptions): string {
  const { code = '', name } = error
  if (name === 'AbortError' || name === 'TimeoutError') return `${host} gave no reply within ${timeout} second${timeout === 1 ? '' : 's'} (--timeout).`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host ${hostname} cannot be found.`
  if (code === 'ECONNREFUSED') return `Nothing listens on ${host} for ${protocol.slice(0, -1)}.`
  if (code === 'HPE_HEADER_OVERFLOW') return `The headers of ${host} are larger than ${MOST_HEADER_BYTES} bytes.`
  if (code === 'EPROTO') return `${host} does not answer with TLS: is it http://${host} that is meant?`
  if (code.startsWith('HPE_')) return `${host} does not answer with HTTP (${reasonOf(error)}).`
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return `The certificate of ${host} is not valid (${reasonOf(error)}): --insecure looks at the headers all the same.`
  return `${host} cannot be asked (${reasonOf(error)}).`
}

/** Headers by name in lower case, those of one name joined as Node and browsers join them. */
export function joined (pairs: Reply['pairs']): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    headers.set(key, headers.has(key) ? `${headers.get(key)!}, ${value}` : value)
  }
  return headers
}

/** The values of one header. */
export function valuesOf (pairs: Reply['pairs'], name: string): string[] {
  return pairs.flatMap(([key, value]) => key.toLowerCase() === name ? [value] : [])
}
