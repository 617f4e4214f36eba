import { parseUrl } from './parse-url.ts'

/** A request that somebody wrote down as a command for curl. */
export interface CurlRequest {
  readonly method: string
  readonly isSecure: boolean
  /** That of the address, whatever the Host header says. */
  readonly host: string
  /** Path and query. */
  readonly path: string
  /** In the order of their writing, names as they were written, the Host header among them. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
}

export type CurlLine = { readonly ok: true, readonly request: CurlRequest } | { readonly ok: false, readonly reason: string }

/** Characters of a line, at most. */
export const LONGEST_LINE = 2000
const MOST_HEADERS = 50

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** RFC 9110 §5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** What a shell would take for more than a word. */
const OPERATOR = /[;|&<>()`$]/

/** What is done with the value of an option; an option whose value is of no interest here does nothing with it. */
const WITH_VALUE: ReadonlyMap<string, 'header' | 'agent' | 'referer' | 'cookie' | 'method' | 'data' | 'url' | 'nothing'> = new Map([
  ...(['H', 'header'] as const).map((name) => [name, 'header'] as const),
  ...(['A', 'user-agent'] as const).map((name) => [name, 'agent'] as const),
  ...(['e', 'referer'] as const).map((name) => [name, 'referer'] as const),
  ...(['b', 'cookie'] as const).map((name) => [name, 'cookie'] as const),
  ...(['X', 'request'] as const).map((name) => [name, 'method'] as const),
  ...(['d', 'F', 'data', 'data-raw', 'data-binary', 'data-urlencode', 'form', 'json'] as const).map((name) => [name, 'data'] as const),
  ['url', 'url'],
  ...(['o', 'm', 'w', 'u', 'output', 'max-time', 'connect-timeout', 'write-out', 'user', 'resolve', 'connect-to'] as const).map((name) => [name, 'nothing'] as const)
])

const WITHOUT_VALUE = new Set(['s', 'S', 'i', 'v', 'k', 'L', 'f', 'g', '0', '4', '6', 'silent', 'show-error', 'include', 'verbose', 'insecure', 'location', 'fail', 'globoff', 'compressed', 'http1.0', 'http1.1', 'http2', 'ipv4', 'ipv6'])

class Refusal extends Error {}

/** The words of a command, as a shell would part them. Nothing is expanded, and nothing is run. */
function wordsOf (line: string): string[] {
  const words: string[] = []
  const part = /\s*(?:((?:'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|[^\s'"\\])+)|$)/y
  const text = line.replaceAll('\r\n', '\n').trim().replace(/\\\n/g, ' ')
  while (part.lastIndex < text.length) {
    const word = part.exec(text)?.[1]
    if (word === undefined) throw new Refusal('A quotation mark is not closed.')
    words.push(word.replace(/'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^'"\\]+)/g, (_, single?: string, double?: string, escaped?: string, bare?: string) => {
      if (bare !== undefined && OPERATOR.test(bare)) throw new Refusal('There is more than one command here. Put an address with & or other such characters into quotation marks.')
      return single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare!
    }))
  }
  if (/\n/.test(text.replace(/'[^']*'|"(?:[^"\\]|\\[^])*"/g, ''))) throw new Refusal('There is more than one line here. A line that goes on ends with a backslash.')
  return words
}

/** Bytes as Node would show them. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

class Command {
  readonly headers: Array<[name: string, value: string]> = []
  readonly #removed = new Set<string>()
  #method: string | undefined
  #url: string | undefined

  take (words: readonly string[]): void {
    if (words[0] !== 'curl') throw new Refusal('The line does not begin with curl.')
    for (let index = 1; index < words.length; index++) {
      const word = words[index]!
      if (!word.startsWith('-') || word === '-') this.#address(word)
      else if (word.startsWith('--')) index += this.#option(word.slice(2), undefined, words[index + 1])
      else index += this.#cluster(word.slice(1), words[index + 1])
    }
  }

  /** One-letter options may stand together, and the value right behind its letter. */
  #cluster (letters: string, next: string | undefined): number {
    for (let index = 0; index < letters.length; index++) {
      const rest = letters.slice(index + 1)
      if (WITH_VALUE.has(letters[index]!)) return this.#option(letters[index]!, rest === '' ? undefined : rest, next)
      this.#option(letters[index]!, undefined, undefined)
    }
    return 0
  }

  /** How many further words the option took. */
  #option (name: string, attached: string | undefined, next: string | undefined): number {
    const use = WITH_VALUE.get(name)
    if (use === undefined) {
      if (name === 'I' || name === 'head') this.#method ??= 'HEAD'
      else if (!WITHOUT_VALUE.has(name)) throw new Refusal(`The option ${name.length === 1 ? '-' : '--'}${name.slice(0, 30)} is not known here.`)
      return 0
    }
    const value = attached ?? next
    if (value === undefined) throw new Refusal('The last option has no value.')
    if (use === 'header') this.#header(value)
    else if (use === 'agent') this.#add('User-Agent', value)
    else if (use === 'referer') this.#add('Referer', value)
    else if (use === 'cookie') this.#add('Cookie', value)
    else if (use === 'method') this.#method = value
    else if (use === 'data') this.#method ??= 'POST'
    else if (use === 'url') this.#address(value)
    return attached === undefined ? 1 : 0
  }

  /** `Name: value`, `Name:` for none, `Name;` for an empty one. */
  #header (text: string): void {
    const [, name = '', mark, value = ''] = /^([^:;]*)([:;])([^]*)$/.exec(text) ?? []
    if (!TOKEN.test(name)) throw new Refusal('A header has no name that a header can have.')
    if (mark === ':' && value.trim() === '') this.#removed.add(name.toLowerCase())
    else this.#add(name, mark === ';' ? '' : value)
  }

  #add (name: string, value: string): void {
    // eslint-disable-next-line no-control-regex -- they are what is refused
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw new Refusal('A header has a character that no header can have.')
    if (this.headers.length >= MOST_HEADERS) throw new Refusal(`There are more than ${MOST_HEADERS} headers.`)
    this.headers.push([name, bytes(value.trim())])
  }

  #address (text: string): void {
    if (this.#url !== undefined) throw new Refusal('There are two addresses.')
    this.#url = text
  }

  finish (): CurlRequest {
    const method = this.#method ?? 'GET'
    if (!METHODS.includes(method)) throw new Refusal(`The method is none of ${METHODS.join(', ')}.`)
    if (this.#url === undefined) throw new Refusal('There is no address.')
    const address = /^[a-z][a-z\d+.-]*:\/\//i.test(this.#url) ? this.#url : `http://${this.#url}`
    const url = parseUrl(address)
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new Refusal('The address is none of http or https.')
    const defaults: Array<[string, string]> = [['Host', url.host], ['User-Agent', 'curl/8'], ['Accept', '*/*']]
    const isGiven = (name: string): boolean => this.#removed.has(name.toLowerCase()) || this.headers.some(([other]) => other.toLowerCase() === name.toLowerCase())
    return { method, isSecure: url.protocol === 'https:', host: url.host, path: url.pathname + url.search, headers: [...defaults.filter(([name]) => !isGiven(name)), ...this.headers] }
  }
}

/** Reads a command for curl. The text is a stranger's: it is taken apart, and nothing of it is run or asked for. */
export function parseCurlLine (line: string): CurlLine {
  if (line.length > LONGEST_LINE) return { ok: false, reason: `The line is longer than ${LONGEST_LINE} characters.` }
  try {
    const command = new Command()
    command.take(wordsOf(line))
    return { ok: true, request: command.finish() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message }
    throw error
  }
}
