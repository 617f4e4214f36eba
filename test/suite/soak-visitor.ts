import { corpus } from '../lib/redirect/arbitrary-target.ts'
import { PASSWORD, picture, USERS } from './soak-application.ts'

/** One request and what is known of its reply. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload?: string | Buffer
}
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | number | undefined>>
  readonly body: string
}

/** A generator of numbers that is the same in every run (mulberry32). */
function numbers (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const TEXTS = ['', ' ', 'anna', '-1', '1e999', '\0', '\u202e', '\ud800', '<script>', "' OR '1'='1", '../../etc/passwd', 'x'.repeat(3000), '\u{1f600}'.repeat(30), '%00', '{{7*7}}', '__proto__']
const COOKIES = ['', '=', ';;;', '__Host-session=', '__Host-session=.', '__Host-session=a.b; __Host-session=c', '__Host-remember=v1.a.b.c.d', '__Host-remember=v1.AAAAAA.AAAAAAAAAAAAAAAAAAAAAA.1.AAAA', '__Host-csrf-abcdef=x.y', '__Host-flash=%', 'a'.repeat(7000), '__proto__=1; constructor=2', '"', '\xff\xfe', '__Host-session=' + 'A'.repeat(4500)]
const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=x', 'text/plain', 'application/json; charset=utf-16', '', ';', 'x', 'application/xml', 'application/json,text/plain']
const BODIES = ['', '{', '[]', 'null', '{"__proto__":{"polluted":1}}', '['.repeat(5000), '{"a":'.repeat(3000), '\0', 'a=%', '='.repeat(9000), '--x\r\n', '--x\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\n\r\n', '--x--\r\n', '"', 'x'.repeat(120_000)]
const ODD: ReadonlyArray<readonly [string, string]> = [
  ['host', 'evil.test'], ['host', 'app.test:99999'], ['host', '['], ['x-forwarded-proto', 'http'], ['x-forwarded-proto', 'https, http'], ['x-forwarded-proto', 'javascript'], ['x-forwarded-host', 'evil.test'], ['x-forwarded-for', 'x, , ::1'],
  ['accept', ';;,q='], ['accept', '*/*;q=x'], ['origin', 'null'], ['origin', 'https://app.test.evil.test'], ['sec-fetch-site', 'cross-site'], ['sec-fetch-site', 'x'], ['referer', '//'], ['if-none-match', '*'], ['range', 'bytes=9999-1'],
  ['range', 'bytes=-5'], ['content-length', '5'], ['expect', 'x'], ['upgrade', 'websocket'], ['accept-encoding', 'gzip;q=0, *;q=0'], ['accept-language', '*'.repeat(500)], ['authorization', 'Basic ='], ['x-csrf-token', 'x'.repeat(86)], ['cookie', '__Host-session=%E0%A4%A']
]
const METHODS = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'POST', 'GET']
const PATHS = ['/', '/account', '/login', '/orders', '/transfer', '/avatar', '/logout', '/public/forms.js', '/public/../../package.json', '/download/..%2f..%2fpackage.json', '/nowhere', '/%', '/%00', '//evil.test/', '/\\evil.test', '/login?next=//evil.test', '/login?next[]=x', '/login?next=a&next=b', '/?' + 'a&'.repeat(900), '/account?__proto__=1', '/go', '/download/' + 'x'.repeat(300)]

const FORM = 'application/x-www-form-urlencoded'
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()

function multipart (parts: ReadonlyArray<readonly [head: string, body: string | Buffer]>): Buffer {
  return Buffer.concat([...parts.flatMap(([head, body]) => [Buffer.from(`--soak\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(body as string), Buffer.from('\r\n')]), Buffer.from('--soak--\r\n')])
}

/** A browser and the person or program behind it: its cookies, the last token it saw, and what it does next. */
export class Visitor {
  readonly #random: () => number
  readonly #user: string
  readonly #jar = new Map<string, string>()
  #old = ''
  #token = ''

  constructor (seed: number) {
    this.#random = numbers(seed)
    this.#user = USERS[seed % USERS.length]!
  }

  /** The name of what is done, and its request. */
  next (): [action: string, request: Sent] {
    const actions = Object.entries(this.#actions)
    const sum = actions.reduce((sum, [, [weight]]) => sum + weight, 0)
    let at = this.#random() * sum
    const [name, [, make]] = actions.find(([, [weight]]) => (at -= weight) < 0)!
    return [name, make()]
  }

  /** Whether this request goes through a socket. */
  get isThroughSocket (): boolean {
    return this.#random() < 0.12
  }

  /** Takes what a browser takes of a reply. */
  receive ({ headers, body }: Reply): void {
    for (const line of [headers['set-cookie'] ?? []].flat() as string[]) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '' || /max-age=0/i.test(line)) this.#jar.delete(name!)
      else this.#jar.set(name!, value!)
    }
    this.#token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? this.#token
  }

  readonly #actions: Readonly<Record<string, readonly [weight: number, make: () => Sent]>> = {
    home: [10, () => this.#get('/')],
    about: [6, () => this.#get('/about')],
    asset: [4, () => this.#get('/public/forms.js')],
    loginPage: [3, () => this.#get('/login?next=/account')],
    login: [7, () => this.#post(this.#pick(['/login', '/login?next=/account']), FORM, form({ user: this.#user, password: PASSWORD, ...this.#random() < 0.6 && { remember: 'on' } }))],
    wrongPassword: [2, () => this.#post('/login', FORM, form({ user: this.#user, password: this.#pick(TEXTS) }))],
    logout: [3, () => this.#post(this.#random() < 0.2 ? '/logout?everywhere' : '/logout', FORM, '')],
    account: [9, () => this.#get('/account')],
    // The browser was closed: what is left is the cookie of the device.
    wake: [4, () => {
      this.#jar.delete('__Host-session')
      return this.#get('/account')
    }],
    thief: [0.2, () => {
      const { headers, ...request } = this.#get('/account')
      const device = this.#old
      this.#old = this.#jar.get('__Host-remember') ?? ''
      return { ...request, headers: { ...headers, cookie: `__Host-remember=${device}` } }
    }],
    devices: [3, () => this.#get('/devices', 'application/json')],
    secret: [2, () => this.#get('/secret', 'application/json')],
    order: [8, () => this.#post('/orders', 'application/json', JSON.stringify({ items: [{ sku: 'AB-1', count: 3 }], note: 'Ring twice.' }))],
    wrongOrder: [4, () => this.#post('/orders', 'application/json', this.#pick([JSON.stringify({ items: [{ sku: this.#pick(TEXTS), count: 0 }], x: 1 }), ...BODIES]))],
    transfer: [6, () => this.#post('/transfer', FORM, form({ _csrf: this.#token, amount: '5' }))],
    wrongTransfer: [4, () => this.#post('/transfer', FORM, form({ ...this.#random() < 0.5 && { _csrf: this.#token }, amount: this.#pick(TEXTS) }))],
    upload: [3, () => this.#upload([['name="title"', 'me'], ['name="avatar"; filename="me.png"', picture(200 + Math.floor(this.#random() * 8000))]])],
    wrongUpload: [2, () => this.#upload([['name="title"', this.#pick(TEXTS)], [`name="avatar"; filename="${this.#pick(['me.png', '../me.png', 'me.html', ''])}"`, this.#pick([Buffer.from('<script>'), picture(50_000), picture(300)])]], this.#random() < 0.3)],
    download: [3, () => this.#get(`/download/${this.#pick(['forms.js', 'icon.svg', 'nothing', '..%2fserver.ts'])}`)],
    redirect: [4, () => this.#get(`/go?to=${encodeURIComponent(this.#pick(['/', '/account', 'https://good.test/x', 'https://app.test/']))}`)],
    wrongRedirect: [4, () => this.#get(`${this.#pick(['/go', '/leap'])}?to=${encodeURIComponent(Buffer.from(this.#pick(corpus).payload).toString())}`)],
    crossSite: [3, () => this.#change(this.#post('/orders', 'application/json', '{}'), { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' })],
    oddCookie: [5, () => this.#change(this.#get(this.#pick(['/', '/account', '/login'])), { cookie: this.#random() < 0.5 ? this.#pick(COOKIES) : `${this.#cookies().slice(0, -1)}x; ${this.#pick(COOKIES)}` })],
    oddHeader: [6, () => this.#change(this.#random() < 0.5 ? this.#get(this.#pick(PATHS)) : this.#post(this.#pick(PATHS), FORM, 'a=1'), Object.fromEntries([this.#pick(ODD), this.#pick(ODD)]))],
    oddBody: [6, () => this.#post(this.#pick(PATHS), this.#pick(TYPES), this.#pick(BODIES))],
    oddMethod: [4, () => ({ ...this.#get(this.#pick(PATHS)), method: this.#pick(METHODS) })]
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!
  }

  #cookies (): string {
    return [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #get (url: string, accept: string = 'text/html'): Sent {
    return { method: 'GET', url, headers: { host: 'app.test', 'x-forwarded-proto': 'https', 'sec-fetch-site': 'same-origin', accept, cookie: this.#cookies() } }
  }

  #post (url: string, type: string, payload: string | Buffer): Sent {
    const { headers } = this.#get(url)
    return { method: 'POST', url, headers: { ...headers, origin: 'https://app.test', 'content-type': type }, payload }
  }

  #upload (parts: Parameters<typeof multipart>[0], isCut: boolean = false): Sent {
    const body = multipart(parts)
    return this.#post('/avatar', 'multipart/form-data; boundary=soak', isCut ? body.subarray(0, Math.floor(this.#random() * body.length)) : body)
  }

  #change (request: Sent, headers: Record<string, string>): Sent {
    return { ...request, headers: { ...request.headers, ...headers } }
  }
}
