import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { integrityOfStream } from '../integrity/metadata.ts'
import { checkLock, lockAssets, type Drift, type RemoteProblem } from '../integrity/remote.ts'
import { formatAttribute } from '../integrity/tag.ts'
import { secondsOf } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command, CommandInput, CommandResult, Surroundings } from './command.ts'
import { CommandError, reasonOf } from './command-error.ts'
import { readLockFile, writeLockFile } from './lock-file.ts'
import type { Paint, Style } from './paint.ts'
import { printable } from './printable.ts'
import { progressBar } from './progress.ts'

const LOCK_FILE = 'sri-lock.json'
const TIMEOUT = 30
const MEBIBYTE = 1_048_576
const MOST_MEBIBYTES = 16

/** Integrity of files and of assets of other sites, and the lock file of the latter. */
export const sri: Command = {
  name: 'sri',
  summary: 'Subresource Integrity: hashes and tags, and the lock file of assets on other sites.',
  usage: ['sri <file or https URL>...', 'sri lock <https URL>...', 'sri check'],
  details: `The first form prints the integrity value of each asset and its whole tag. lock asks for each address and writes it into the lock file, in which what was there before stays; check asks for all that is in the lock file, and ends with exit code 1 when one has changed or cannot be had. An asset of another site holds at most ${MOST_MEBIBYTES} MiB, and must allow any origin to read it.`,
  options: {
    file: { type: 'string', value: 'path', description: `The lock file. Default: ${LOCK_FILE}.` },
    'allow-unversioned': { type: 'boolean', description: 'Lock addresses that name no whole version, too.' },
    timeout: { type: 'string', value: 'seconds', description: `Time for one asset of another site. Default: ${TIMEOUT}.` }
  },
  example: 'sri lock https://cdn.example/library@1.2.3/library.js',
  async run (input, surroundings) {
    const [form, ...operands] = input.operands
    if (form === 'lock') return await lock(operands, input, surroundings)
    if (form === 'check') return await verify(operands, input, surroundings)
    return await hash(input, surroundings)
  }
}

const PROBLEMS: Readonly<Record<RemoteProblem, string>> = {
  address: 'it is no https address without credentials',
  unversioned: 'the address names no whole version, and what it leads to will change (--allow-unversioned)',
  unreachable: 'no reply came in time',
  redirect: 'it leads elsewhere: use the address that it leads to',
  status: 'the status is not 200',
  'no-cors': 'it does not allow any origin to read it (Access-Control-Allow-Origin: *), and browsers would block it',
  'too-large': `it holds more than ${MOST_MEBIBYTES} MiB`
}

interface Hashed {
  readonly asset: string
  readonly integrity: string
  readonly size: number
  readonly tag: string
}

async function hash (input: CommandInput, { cwd, stderr }: Surroundings): Promise<CommandResult> {
  const { operands } = input
  if (operands.length === 0) throw new CommandError('Expected files or https addresses.')
  const timeout = secondsOf(input, 'timeout', TIMEOUT)
  const onProgress = progressBar(stderr)
  const assets: Hashed[] = []
  for (const asset of operands) {
    const found = /^https?:\/\//i.test(asset) ? await hashOfAddress(asset, timeout) : await hashOfFile(asset, cwd)
    assets.push({ asset, ...found, tag: tagOf(asset, found.integrity) })
    onProgress(assets.length, operands.length)
  }
  return {
    data: { assets },
    text: (paint) => assets.map(({ asset, integrity, tag }) => [paint('bold', printable(asset)), `  ${integrity}`, `  ${printable(tag)}`].join('\n')).join('\n\n'),
    exitCode: 0
  }
}

async function hashOfAddress (url: string, timeout: number): Promise<{ integrity: string, size: number }> {
  const { lock, problems: [problem] } = await lockAssets([url], { timeout, maxSize: MOST_MEBIBYTES * MEBIBYTE, allowUnversioned: true })
  if (problem !== undefined) throw new CommandError(`${url} has no integrity: ${PROBLEMS[problem.problem]}.`)
  const { integrity, size } = Object.values(lock.assets)[0]!
  return { integrity, size }
}

async function hashOfFile (file: string, cwd: string): Promise<{ integrity: string, size: number }> {
  try {
    return await integrityOfStream(createReadStream(resolve(cwd, file)))
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${reasonOf(error)}).`, { cause: error })
  }
}

function tagOf (asset: string, integrity: string): string {
  const checked = `${formatAttribute('integrity', integrity)} crossorigin="anonymous"`
  return /\.css(?:[?#]|$)/i.test(asset) ? `<link rel="stylesheet"${formatAttribute('href', asset)}${checked}>` : `<script${formatAttribute('src', asset)}${checked}></script>`
}

function lockFileOf ({ options }: CommandInput, cwd: string): string {
  return resolve(cwd, String(options['file'] ?? LOCK_FILE))
}

async function lock (urls: readonly string[], input: CommandInput, { cwd, stderr }: Surroundings): Promise<CommandResult> {
  if (urls.length === 0) throw new CommandError('Expected https addresses to lock.')
  const file = lockFileOf(input, cwd)
  const previous = readLockFile(file)
  const { lock, problems } = await lockAssets(urls, {
    timeout: secondsOf(input, 'timeout', TIMEOUT),
    maxSize: MOST_MEBIBYTES * MEBIBYTE,
    allowUnversioned: input.options['allow-unversioned'] === true,
    onProgress: progressBar(stderr)
  }, previous)
  const rows = Object.entries(lock.assets).flatMap(([url, { integrity }]): Array<{ url: string, state: string, integrity: string }> => {
    const before = previous?.assets[url]?.integrity
    return integrity === before ? [] : [{ url, state: before === undefined ? 'added' : 'changed', integrity }]
  })
  if (rows.length > 0) writeLockFile(file, lock)
  const failed = problems.map(({ url, problem }) => ({ url, state: 'failed', reason: PROBLEMS[problem] }))
  return {
    data: { file, locked: rows, problems },
    text: (paint, width) => [
      ...(rows.length + failed.length === 0 ? ['Nothing has changed.'] : [states([...rows, ...failed], paint, width)]),
      '',
      `${Object.keys(lock.assets).length} in ${printable(file)}.`
    ].join('\n'),
    exitCode: failed.length === 0 ? 0 : 1
  }
}

async function verify (operands: readonly string[], input: CommandInput, { cwd, stderr }: Surroundings): Promise<CommandResult> {
  if (operands.length > 0) throw new CommandError('sri check takes no addresses: it asks for all that is in the lock file.')
  const file = lockFileOf(input, cwd)
  const known = readLockFile(file)
  if (known === undefined) throw new CommandError(`There is no lock file ${file}.`)
  const drifts = await checkLock(known, { timeout: secondsOf(input, 'timeout', TIMEOUT), maxSize: MOST_MEBIBYTES * MEBIBYTE, onProgress: progressBar(stderr) })
  const amiss = drifts.filter(({ state }) => state !== 'unchanged')
  return {
    data: { file, assets: drifts },
    text: (paint, width) => [
      ...(drifts.length === 0 ? [] : [states(drifts.map(driftRow), paint, width), '']),
      `${drifts.length - amiss.length} of ${drifts.length} unchanged.`
    ].join('\n'),
    exitCode: amiss.length === 0 ? 0 : 1
  }
}

function driftRow ({ url, state, locked, found, problem }: Drift): StateRow {
  if (problem !== undefined) return { url, state, reason: PROBLEMS[problem] }
  return { url, state, ...state === 'changed' && { reason: `${locked.integrity} was locked, ${found!.integrity} is there` } }
}

interface StateRow {
  readonly url: string
  readonly state: string
  readonly reason?: string
}

const STATE_STYLE: Readonly<Record<string, Style>> = { added: 'green', unchanged: 'green', changed: 'yellow', unavailable: 'red', failed: 'red' }

function states (rows: readonly StateRow[], paint: Paint, width: number): string {
  return columns(rows.map(({ url, state, reason }) => [
    { text: state, paint: (text: string) => paint(STATE_STYLE[state]!, text) },
    { text: printable(reason === undefined ? url : `${url}: ${reason}`) }
  ]), width)
}
