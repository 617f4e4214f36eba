import type { Room } from '../room.ts'
import { LONGEST_LINE, parseCurlLine } from '../curl-line.ts'
import { CLIENT, PROXY, TRUSTS, WAYS, Witnesses, type Testimony, type Trust, type Way } from '../witness.ts'

const path = '/transport'

interface Question { readonly curl: string, readonly trust: Trust, readonly way: Way }

const SAMPLES: ReadonlyArray<Question & { readonly title: string }> = [
  { title: 'An ordinary page', curl: "curl https://app.test/ -H 'Accept: text/html'", trust: 'network', way: 'proxy' },
  { title: 'A page over http', curl: "curl http://app.test/account?tab=2 -H 'Accept: text/html'", trust: 'network', way: 'proxy' },
  { title: 'A token over http', curl: "curl http://app.test/api -H 'Authorization: Bearer secret'", trust: 'network', way: 'proxy' },
  { title: 'An address made up', curl: "curl https://app.test/ -H 'X-Forwarded-For: 6.6.6.6'", trust: 'everybody', way: 'proxy' },
  { title: 'The same, to a server that knows its proxy', curl: "curl https://app.test/ -H 'X-Forwarded-For: 6.6.6.6'", trust: 'network', way: 'proxy' },
  { title: 'https made up', curl: "curl http://app.test/admin -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 10.0.0.7'", trust: 'hops', way: 'direct' },
  { title: 'The same, to a server that looks at the address', curl: "curl http://app.test/admin -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 10.0.0.7'", trust: 'network', way: 'direct' },
  { title: 'A host for the mail that resets a password', curl: "curl https://app.test/reset -H 'X-Forwarded-Host: evil.test'", trust: 'network', way: 'careless' },
  { title: 'A host with a second meaning', curl: "curl https://app.test/ -H 'Host: app.test@evil.test'", trust: 'none', way: 'direct' },
  { title: 'Two hosts', curl: "curl https://app.test/ -H 'Host: app.test' -H 'Host: evil.test'", trust: 'none', way: 'direct' },
  { title: 'A scheme that is none', curl: "curl https://app.test/ -H 'X-Forwarded-Proto: javascript'", trust: 'network', way: 'careless' },
  { title: 'A referrer and a browser made up', curl: "curl https://app.test/ -e https://app.test/login -A 'Mozilla/5.0 (X11) Firefox/130.0'", trust: 'none', way: 'direct' },
  { title: 'Localhost, from far away', curl: 'curl http://localhost/admin', trust: 'none', way: 'direct' },
  { title: 'A proxy that nobody told the server of', curl: "curl https://app.test/ -H 'Accept: text/html'", trust: 'count', way: 'proxy' }
]

interface Row { readonly what: string, readonly believed: string, readonly state: 'good' | 'bad' | 'open', readonly why: string }

function addressRow ({ ip, peer }: Testimony, has: (name: string) => boolean, isTrusted: boolean, trust: Trust): Row {
  const reasons: Readonly<Record<Trust, string>> = {
    none: '',
    count: '',
    network: 'X-Forwarded-For is read from right to left, up to the first address that is not one of the proxies.',
    everybody: 'Everybody is trusted, so that X-Forwarded-For is read up to its left end, which the client wrote.',
    hops: 'One hop is trusted, whoever that is, and the last entry of X-Forwarded-For counts.'
  }
  let why = `${peer} is not trusted, so that X-Forwarded-For is not read: this is the address of the connection.`
  if (isTrusted) why = has('x-forwarded-for') ? reasons[trust] : `${peer} is trusted, but there is no X-Forwarded-For: this is the address of the connection.`
  return { what: 'request.ip', believed: ip, state: ip === CLIENT ? 'good' : 'bad', why: `${why} The client is at ${CLIENT}.` }
}

/** What the server believed, and why. */
function rowsOf (testimony: Testimony, { trust }: Question, asked: { readonly isSecure: boolean, readonly host: string }): Row[] {
  const { host, protocol, referer, userAgent, received, peer } = testimony
  const isTrusted = TRUSTS[trust].trusts(peer)
  const has = (name: string): boolean => received.some(([other, value]) => other.toLowerCase() === name && value !== '')
  const source = (header: string, other: string): string => isTrusted && has(header.toLowerCase())
    ? `${peer} is trusted, so that the last entry of ${header} counts, whatever it is.`
    : has(header.toLowerCase()) ? `${peer} is not trusted, so that ${header} is not read: ${other}` : `There is no ${header}: ${other}`
  return [
    addressRow(testimony, has, isTrusted, trust),
    { what: 'request.host', believed: host, state: host === asked.host ? 'good' : 'bad', why: `${source('X-Forwarded-Host', 'this is the Host header.')} The address of the line is that of ${asked.host}.` },
    { what: 'request.protocol', believed: protocol, state: protocol === (asked.isSecure ? 'https' : 'http') ? 'good' : 'bad', why: `${source('X-Forwarded-Proto', 'it follows from whether the connection is encrypted.')} The client spoke ${asked.isSecure ? 'https' : 'http'}.` },
    { what: 'referer', believed: referer ?? '(none)', state: 'open', why: 'What the client wrote. A browser tells the truth here or nothing; anybody else writes what they like, so that nothing may depend on it alone.' },
    { what: 'user-agent', believed: userAgent ?? '(none)', state: 'open', why: 'What the client wrote. It is good for statistics, and for nothing that is worth a lie.' }
  ]
}

const ANSWERS: Readonly<Record<string, string>> = {
  BULWARK_ERR_TRANSPORT_SCHEME_INVALID: 'Refused: the forwarded scheme is neither http nor https, and would end up in addresses.',
  BULWARK_ERR_TRANSPORT_HOST_MALFORMED: 'Refused: the request names no host, several, or one that is malformed.',
  BULWARK_ERR_TRANSPORT_HOST_REFUSED: 'Refused: the host is not one of app.test and its subdomains.',
  BULWARK_ERR_TRANSPORT_HTTPS_REQUIRED: 'Refused, and not redirected: a program that follows redirects would never notice that it sends in the clear.'
}

function answerOf ({ code, location }: Testimony): string {
  if (code !== undefined) return ANSWERS[code] ?? 'Refused by Fastify.'
  return location === undefined ? 'Let through to the handler.' : `Led to ${location}`
}

const isKey = <T extends object>(table: T, value: unknown): value is keyof T & string => typeof value === 'string' && Object.hasOwn(table, value)

/** The room of the plugin `transport`: what a server believes of a request that a visitor writes. */
export const room: Room = {
  path,
  title: 'Forged requests',
  summary: 'Nothing over plain http and no foreign host: write a request, and see what a server believes of it and why.',
  register: async (app, { live }) => {
    const witnesses = new Witnesses()
    app.addHook('onClose', () => witnesses.close())

    app.get<{ Querystring: Record<string, unknown> }>(path, async (request, reply) => {
      const { curl, trust, way } = request.query
      const question: Question = {
        curl: typeof curl === 'string' ? curl : SAMPLES[3]!.curl,
        trust: isKey(TRUSTS, trust) ? trust : SAMPLES[3]!.trust,
        way: isKey(WAYS, way) ? way : SAMPLES[3]!.way
      }
      const line = parseCurlLine(question.curl)
      const testimony = line.ok ? await witnesses.ask(line.request, question.trust, question.way) : undefined
      return reply.view('transport.eta', {
        room: path,
        title: 'Forged requests',
        liveId: live.remember(reply),
        // What is too long is not shown again either.
        question: { ...question, curl: question.curl.slice(0, LONGEST_LINE) },
        trusts: Object.entries(TRUSTS).map(([name, { label }]) => ({ name, label })),
        ways: Object.entries(WAYS).map(([name, label]) => ({ name, label })),
        longest: LONGEST_LINE,
        client: CLIENT,
        proxy: PROXY,
        samples: SAMPLES.map((sample) => ({ ...sample, href: `${path}?${new URLSearchParams({ curl: sample.curl, trust: sample.trust, way: sample.way })}#answer` })),
        refusal: line.ok ? undefined : line.reason,
        testimony,
        received: testimony?.received.map(([name, value]) => `${name}: ${value}`).join('\n'),
        answer: testimony && answerOf(testimony),
        rows: line.ok && testimony !== undefined ? rowsOf(testimony, question, line.request) : []
      })
    })
  }
}
