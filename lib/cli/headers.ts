import type { Finding } from '../headers/finding.ts'
import { nearestName } from '../nearest-name.ts'
import { onlyOperand, secondsOf } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command, CommandInput } from './command.ts'
import { CommandError } from './command-error.ts'
import { ask, follow, joined, MOST_REDIRECTS, parseAddress, plainAddress, targetOf, valuesOf, type FetchOptions, type Reply } from './fetch-reply.ts'
import { findingsText } from './findings-text.ts'
import { meaningOfHeader } from './header-meaning.ts'
import { gradeOf, GRADE_NAMES, judge, leastScore, type Verdict } from './observatory.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { lintReply } from './reply-lint.ts'
import { withoutValue } from './set-cookie.ts'
import { exitCodeOf, failOnOption, thresholdOf } from './severity.ts'

const TIMEOUT = 10

/** A foreign origin that nobody can own (RFC 2606). */
const FOREIGN_ORIGIN = 'https://foreign.invalid'

/** Looks at the headers of a site, and grades them. */
export const headers: Command = {
  name: 'headers',
  summary: 'The security headers of a site: what each does, what is missing, and a grade.',
  usage: ['headers <url>'],
  details: 'It asks as curl -I does, by HEAD, and by GET where HEAD is not allowed; it follows and shows at most ten redirects; it sends no cookies and no credentials. A preflight request and one over plain http complete the grade, which follows the published arithmetic of the MDN HTTP Observatory (algorithm 4). The page itself is not read.',
  options: {
    'fail-on': failOnOption('never'),
    min: { type: 'string', value: 'grade', description: 'Exit code 1 when the grade or the score is lower: A+, B or 85.' },
    http: { type: 'string', value: 'url', description: 'The address to ask over plain http. Default: port 80 of the host.' },
    timeout: { type: 'string', value: 'seconds', description: `Time for all requests together. Default: ${TIMEOUT}.` },
    insecure: { type: 'boolean', description: 'Go on where the certificate is not valid.' }
  },
  example: 'headers https://example.com --min A',
  async run (input) {
    const threshold = thresholdOf(input, 'never')
    const least = leastOf(input)
    const timeout = secondsOf(input, 'timeout', TIMEOUT)
    const url = parseAddress(onlyOperand(input, 'one address'))
    const options = { signal: AbortSignal.timeout(timeout * 1000), timeout, isInsecure: input.options['insecure'] === true }
    const replies = await follow(url, options)
    const last = replies.at(-1)!
    const site = await inspect(replies, input, options)
    const { score, grade } = gradeOf(site.verdicts)
    // The Observatory grades no other replies.
    const isGraded = last.status < 400 || [401, 403].includes(last.status)
    return {
      data: {
        replies: replies.map(({ url, method, status }) => ({ url: url.href, method, status })),
        headers: shownHeaders(last).map(([name, value]) => ({ name, value, means: meaningOfHeader(name.toLowerCase()) ?? null })),
        findings: site.findings,
        observatory: { algorithm: 4, score: isGraded ? score : null, grade: isGraded ? grade : null, tests: site.verdicts }
      },
      text: (paint, width) => [
        ...replies.map((reply) => line(reply, paint)),
        ...(targetOf(last) === undefined ? [] : [`Stopped after ${MOST_REDIRECTS} redirects.`]),
        '',
        headersText(last, paint, width),
        '',
        findingsText(site.findings, paint, width),
        '',
        gradeText(site.verdicts, paint, width),
        '',
        paint('bold', isGraded ? `Grade ${grade}, ${score} points.` : `No grade: the status is ${last.status}.`)
      ].join('\n'),
      exitCode: least !== undefined && (!isGraded || score < least) ? 1 : exitCodeOf(site.findings, threshold)
    }
  }
}

function leastOf ({ options }: CommandInput): number | undefined {
  const given = options['min']
  if (given === undefined) return undefined
  const least = /^\d{1,3}$/.test(String(given)) ? Number(given) : leastScore(String(given))
  if (least === undefined) throw new CommandError(`--min expects a grade or a number of points: did you mean ${nearestName(String(given), GRADE_NAMES)}?`)
  return least
}

async function inspect (replies: readonly Reply[], { options: given }: CommandInput, options: FetchOptions): Promise<{ verdicts: Verdict[], findings: Finding[] }> {
  const { url, pairs, isVerified } = replies.at(-1)!
  const headers = joined(pairs)
  const cookies = replies.filter((reply) => reply.url.hostname === url.hostname).flatMap((reply) => valuesOf(reply.pairs, 'set-cookie'))
  const [preflight, route] = await Promise.all([
    ask(url, 'OPTIONS', { origin: FOREIGN_ORIGIN, 'access-control-request-method': 'GET' }, options).catch(nothing),
    plainRoute(replies, given['http'], options)
  ])
  const verdicts = judge({
    url,
    headers,
    cookies,
    isVerified,
    route,
    cors: preflight === undefined ? undefined : { origin: FOREIGN_ORIGIN, headers: joined(preflight.pairs) }
  })
  return { verdicts, findings: lintReply({ headers, cookies, isHttps: url.protocol === 'https:', host: url.hostname }) }
}

/** Where an address over plain http leads: that of the first reply, or one on the same host. */
async function plainRoute (replies: readonly Reply[], given: string | boolean | undefined, options: FetchOptions): Promise<URL[] | null | undefined> {
  const { url: first } = replies[0]!
  if (given === undefined && first.protocol === 'http:') return replies.map(({ url }) => url)
  const plain = given === undefined ? plainAddress(first) : parseAddress(String(given))
  if (plain === undefined) return undefined
  if (plain.protocol !== 'http:') throw new CommandError('--http expects an address of http.')
  const route = await follow(plain, options).catch(nothing)
  return route?.map(({ url }) => url) ?? null
}

/** Stands for a reply that did not come: what it would have shown is not examined, and the other findings hold. */
function nothing (): undefined {}

function line ({ url, method, status, pairs }: Reply, paint: Paint): string {
  const location = pairs.find(([name]) => name.toLowerCase() === 'location')?.[1]
  return `${paint('bold', printable(url.href))} ${status} (${method})${location === undefined ? '' : ` to ${printable(location)}`}`
}

function shownHeaders ({ pairs }: Reply): Array<readonly [string, string]> {
  return pairs.map(([name, value]) => [name, name.toLowerCase() === 'set-cookie' ? withoutValue(value) : value])
}

function headersText (reply: Reply, paint: Paint, width: number): string {
  return shownHeaders(reply).flatMap(([name, value]) => {
    const means = meaningOfHeader(name.toLowerCase())
    return [`${paint(means === undefined ? 'dim' : 'bold', printable(name))}: ${printable(value)}`, ...(means === undefined ? [] : [columns([[{ text: means, paint: (text) => paint('dim', text) }]], width, '    ')])]
  }).join('\n')
}

function gradeText (verdicts: readonly Verdict[], paint: Paint, width: number): string {
  return columns(verdicts.map(({ test, result, modifier }) => [
    { text: test },
    { text: result === null ? '?' : modifier > 0 ? `+${modifier}` : String(modifier), paint: (text: string) => paint(modifier < 0 ? 'red' : modifier > 0 ? 'green' : 'dim', text) },
    { text: result ?? 'not examined' }
  ]), width)
}
