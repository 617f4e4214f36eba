import { remoteAddress } from './asset-url.ts'
import type { Lock, LockedAsset } from './lock.ts'
import { integrityOfStream, parseIntegrity, strongestOf, type Algorithm } from './metadata.ts'

// For the command line, which asks other sites. The plugin never does: nothing here is called while serving.

/** The parts of `fetch` that are used. */
export type Fetch = (url: string, init: { redirect: 'manual', signal: AbortSignal, headers: Record<string, string> }) => Promise<Response>

/** What stands against locking an asset. */
export type RemoteProblem =
  /** No https address. */
  | 'address'
  /** The address names no version: what it leads to will change. */
  | 'unversioned'
  /** No answer in time, or none at all. */
  | 'unreachable'
  /** It leads elsewhere: lock the address that it leads to. */
  | 'redirect'
  /** A status other than 200. */
  | 'status'
  /** No `Access-Control-Allow-Origin: *`: a browser cannot check it, and blocks it. */
  | 'no-cors'
  /** More than `maxSize` bytes. */
  | 'too-large'

/** How assets are asked for. */
export interface RemoteOptions {
  /** Default: the `fetch` of Node. */
  readonly fetch?: Fetch
  /** Seconds for one asset. Default 30. */
  readonly timeout?: number
  /** Bytes of one asset. Default 16 MiB. */
  readonly maxSize?: number
  /** Admits addresses without a version. Default false. */
  readonly allowUnversioned?: boolean
  /** The day that is noted, as `2026-11-25`. Default: today. */
  readonly date?: string
  /** Told after each asset. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A list of addresses as a lock file, and those that could not be locked. */
export interface Locking {
  readonly lock: Lock
  readonly problems: ReadonlyArray<{ readonly url: string, readonly problem: RemoteProblem }>
}

/** What became of a locked asset. */
export interface Drift {
  readonly url: string
  readonly state: 'unchanged' | 'changed' | 'unavailable'
  readonly locked: LockedAsset
  /** What is there now, unless the state is `unavailable`. */
  readonly found?: { readonly integrity: string, readonly size: number }
  /** Why it is unavailable. */
  readonly problem?: RemoteProblem
}

type Answer = { readonly integrity: string, readonly size: number } | { readonly problem: RemoteProblem }

const MEBIBYTE = 1_048_576
/** So many are asked for at a time. */
const AT_ONCE = 4

// Three numbers, or a hash: one or two numbers are a range, to a CDN.
const VERSION = /\d+\.\d+\.\d+|[0-9a-f]{8,}/i

/** Asks for every address and makes a lock file of them. An asset that is as in `previous` keeps its date; an address that fails keeps its place there. */
export async function lockAssets (urls: readonly string[], options: RemoteOptions = {}, previous?: Lock): Promise<Locking> {
  const { date = new Date().toISOString().slice(0, 10), allowUnversioned = false } = options
  const assets: Record<string, LockedAsset> = { ...previous?.assets }
  const problems: Array<{ url: string, problem: RemoteProblem }> = []
  await eachOf([...new Set(urls)], options, async (url) => {
    const address = remoteAddress(url)
    const answer: Answer = address === undefined
      ? { problem: 'address' }
      : !allowUnversioned && !VERSION.test(new URL(address).pathname + new URL(address).search) ? { problem: 'unversioned' } : await ask(address, options)
    if ('problem' in answer) problems.push({ url, problem: answer.problem })
    else if (assets[address!]?.integrity !== answer.integrity) assets[address!] = { ...answer, date }
  })
  return { lock: { version: 1, assets }, problems: problems.sort((a, b) => urls.indexOf(a.url) - urls.indexOf(b.url)) }
}

/** Asks for every asset of a lock file and says what became of it, in the order of the file. */
export async function checkLock (lock: Lock, options: RemoteOptions = {}): Promise<Drift[]> {
  const drifts = new Map<string, Drift>()
  await eachOf(Object.keys(lock.assets), options, async (url) => {
    const locked = lock.assets[url]!
    // In its own algorithm, so that the two can be compared.
    const hashes = strongestOf(parseIntegrity(locked.integrity)).map(({ algorithm, digest }) => ({ algorithm, text: `${algorithm}-${digest.toString('base64')}` }))
    const answer = await ask(url, options, hashes[0]?.algorithm)
    if ('problem' in answer) drifts.set(url, { url, state: 'unavailable', locked, problem: answer.problem })
    else drifts.set(url, { url, state: hashes.some(({ text }) => text === answer.integrity) ? 'unchanged' : 'changed', locked, found: answer })
  })
  return Object.keys(lock.assets).map((url) => drifts.get(url)!)
}

/** The answer in time, or that there was none: a body that `fetch` of Node cannot decode neither ends nor fails, abort or not. */
async function ask (url: string, options: RemoteOptions, algorithm?: Algorithm): Promise<Answer> {
  const ending = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => {
      resolve({ problem: 'unreachable' })
      ending.abort()
    }, (options.timeout ?? 30) * 1000)
  })
  const answer = receive(url, options, ending.signal, algorithm)
    .catch((error: unknown): Answer => ({ problem: error instanceof RangeError ? 'too-large' : 'unreachable' }))
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

async function receive (url: string, { fetch = globalThis.fetch, maxSize = 16 * MEBIBYTE }: RemoteOptions, signal: AbortSignal, algorithm?: Algorithm): Promise<Answer> {
  // As a page would ask that loads it with `crossorigin="anonymous"`.
  const response = await fetch(url, { redirect: 'manual', signal, headers: { origin: 'https://site.invalid' } })
  const problem = problemOf(response)
  if (problem === undefined) return await integrityOfStream(response.body as unknown as AsyncIterable<Uint8Array>, maxSize, algorithm)
  // What is not read of the answer is not wanted, and would keep the connection. Where `fetch` had refused the answer, to abort it would end the process.
  response.body?.cancel().catch(() => {})
  return { problem }
}

function problemOf ({ status, body, headers }: Response): RemoteProblem | undefined {
  if (status >= 300 && status < 400) return 'redirect'
  if (status !== 200 || body === null) return 'status'
  return ['*', 'https://site.invalid'].includes(headers.get('access-control-allow-origin') ?? '') ? undefined : 'no-cors'
}

async function eachOf (urls: readonly string[], { onProgress }: RemoteOptions, visit: (url: string) => Promise<void>): Promise<void> {
  const waiting = [...urls]
  let done = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      await visit(url)
      onProgress?.(++done, urls.length)
    }
  }))
}
