import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Finding } from '../headers/finding.ts'
import { onlyOperand, secondsOf } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { CommandError } from './command-error.ts'
import { countOf } from './findings-text.ts'
import type { InspectionRequest } from './inspection.ts'
import type { InspectionAnswer } from './inspection-process.ts'
import { SEVERITY_STYLE, type Paint } from './paint.ts'
import type { RoutePosture } from './posture.ts'
import { printable } from './printable.ts'
import { exitCodeOf, failOnOption, thresholdOf } from './severity.ts'

const TIMEOUT = 30
/** Milliseconds that the process of an application has to end once it has answered. */
const GRACE = 1000

/** Looks at all routes of an application. */
export const check: Command = {
  name: 'check',
  summary: 'The posture of every route of an application, and what is weak in it.',
  usage: ['check <module>'],
  details: 'The module exports a Fastify instance, or a function that builds one; one that only starts a server will do, too. It is loaded in a process of its own, opens no port, and every GET route without parameters is asked once, as over https and without a cookie: what its handler does, it does. Routes are judged by that reply, by their options and by the plugins in their scope.',
  options: {
    'fail-on': failOnOption('high'),
    export: { type: 'string', value: 'name', description: 'The export that is the application, or builds it. Default: default, app, build and the like.' },
    host: { type: 'string', value: 'host', description: 'The host that the requests name. Default: localhost.' },
    timeout: { type: 'string', value: 'seconds', description: `Time for everything. Default: ${TIMEOUT}.` },
    verbose: { type: 'boolean', description: 'Show on standard error what the application prints.' }
  },
  example: 'check ./app.mjs --fail-on medium',
  async run (input, { cwd }) {
    const threshold = thresholdOf(input, 'high')
    const timeout = secondsOf(input, 'timeout', TIMEOUT)
    const { export: exported, host = 'localhost', verbose } = input.options
    const operand = onlyOperand(input, 'one module')
    const file = resolve(cwd, operand)
    if (!existsSync(file)) throw new CommandError(`There is no file ${operand}.`)
    if (!/^[\w.:[\]-]{1,255}$/.test(String(host))) throw new CommandError('--host expects the name of a host.')
    const answer = await inProcess({ file, exported: exported as string | undefined, host: String(host) }, timeout, verbose === true)
    if ('failure' in answer) throw new CommandError(answer.failure)
    const { postures } = answer
    const findings = postures.flatMap((posture) => posture.findings)
    return {
      data: { routes: postures },
      text: (paint, width) => [...postures.map((posture) => postureText(posture, paint, width)), countOf(findings)].join('\n\n'),
      exitCode: exitCodeOf(findings, threshold)
    }
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A process of its own can be ended whatever the module does, and what it prints is not taken for ours. */
async function inProcess (request: InspectionRequest, timeout: number, isVerbose: boolean): Promise<InspectionAnswer> {
  const output = isVerbose ? 2 : 'ignore'
  const child = fork(new URL('inspection-process.js', import.meta.url), { stdio: ['ignore', output, output, 'ipc'] })
  const onSignal = (signal: NodeJS.Signals): void => {
    child.kill('SIGKILL')
    // The second time nobody listens: the process ends as the signal wants.
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.once(signal, onSignal)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeout * 1000)
  try {
    return await new Promise<InspectionAnswer>((resolve) => {
      child.once('message', (answer) => resolve(answer as InspectionAnswer))
      child.once('exit', (code, signal) => resolve({ failure: isLate ? `The application was not ready within ${timeout} second${timeout === 1 ? '' : 's'} (--timeout).` : `The application ended its process (${signal ?? `exit code ${code!}`}).` }))
      // A process that ended at once is told by `exit`.
      child.send(request, () => {})
    })
  } finally {
    clearTimeout(timer)
    // It ends by itself, unless the application has something against that.
    setTimeout(() => child.kill('SIGKILL'), GRACE).unref()
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

function postureText (posture: RoutePosture, paint: Paint, width: number): string {
  const { method, url, reply, findings } = posture
  const answer = reply === null ? (findings.some(({ code }) => code === 'no-reply') ? 'no reply' : 'not asked') : `${reply.status} ${reply.contentType}`.trimEnd()
  const rows = facts(posture).map(([name, value]) => [{ text: name, paint: (text: string) => paint('dim', text) }, { text: printable(value) }])
  return [
    `${paint('bold', printable(`${method} ${url}`))}  ${printable(answer)}`,
    columns(rows, width, '  '),
    ...(findings.length === 0 ? [] : [columns(findings.map((finding) => findingRow(finding, paint)), width, '  ')])
  ].join('\n')
}

function findingRow ({ severity, code, where, message }: Finding, paint: Paint): Array<{ text: string, paint?: (text: string) => string }> {
  return [{ text: severity, paint: (text) => paint(SEVERITY_STYLE[severity], text) }, { text: code }, { text: printable(`${where}: ${message}`) }]
}

function facts ({ reply, plugins, exempt, settings, csrf, session, schema }: RoutePosture): Array<readonly [string, string]> {
  const list = (names: readonly string[]): string => names.join(', ') || 'none'
  // What the lines above say already: the exemptions, the word of csrf, and a hook of the session plugin.
  const others = Object.entries(settings).filter(([stem, value]) => value !== false && !(stem === 'csrf' && typeof value === 'string') && value !== '[function]')
  return [
    ['plugins', list(plugins)],
    ...(exempt.length > 0 ? [['exempt', list(exempt)] as const] : []),
    ...(reply === null ? [] : [['policy', reply.policy ?? 'none'] as const]),
    ['csrf', csrf],
    ['session', session],
    ['schema', list(schema)],
    ...others.map(([stem, value]) => [stem, JSON.stringify(value)] as const)
  ]
}
