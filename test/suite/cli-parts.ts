import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t from 'tap'
import { COMMANDS } from '../../lib/cli/main.ts'
import { makeCertificate } from '../browser/certificate.ts'

// The parts of the documentation that the command line writes: its helps, samples of its output, and the list of its commands.

const root = new URL('../../../', import.meta.url)
const program = fileURLToPath(new URL('bin/fastify-bulwark.mjs', root))

async function output (args: readonly string[], options: { cwd?: string, env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { ...options, env: { ...process.env, ...options.env } })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  await once(child, 'close')
  return text.trimEnd()
}

function block (...lines: readonly string[]): string {
  return ['```text', ...lines, '```'].join('\n')
}

/** A call as a reader types it, and what the program answers. */
async function sample (call: string, args: readonly string[], options: Parameters<typeof output>[1] = {}, shown: (text: string) => string = (text) => text): Promise<string> {
  return block(`$ npx fastify-bulwark ${call}`, shown(await output(args, options)))
}

async function sampleOfHeaders (): Promise<string> {
  const { key, cert } = makeCertificate()
  const authority = join(t.testdir({}), 'ca.pem')
  writeFileSync(authority, cert)
  const app = Fastify({ https: { key, cert } })
  app.get('/', (_request, reply) => reply.headers({ 'strict-transport-security': 'max-age=31536000', 'x-frame-options': 'DENY', 'set-cookie': 'sid=secret; Secure; HttpOnly' }).type('text/html').send('<!doctype html><title>A page</title>'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  try {
    return await sample('headers https://localhost:8443 --min A', ['headers', `https://localhost:${port}`, '--min', 'A'], { env: { NODE_EXTRA_CA_CERTS: authority } },
      (text) => text.replaceAll(`localhost:${port}`, 'localhost:8443').replace(/^Date: .*$/m, 'Date: Wed, 25 Nov 2026 12:00:00 GMT'))
  } finally {
    await app.close()
  }
}

const examples = fileURLToPath(new URL('dist/docs/examples/cli/', root))
const assets = fileURLToPath(new URL('docs/demo/public/', root))
const POLICY = "default-src 'self'; script-src 'self' https://cdn.test 'unsafe-inline'; scrpt-src 'none'"

const helps = await Promise.all(COMMANDS.map(async ({ name }) => [`help:${name}`, block(`$ npx fastify-bulwark ${name} --help`, await output([name, '--help']))] as const))

const samples: ReadonlyArray<readonly [name: string, text: string]> = [
  ['sample:keygen', await sample('keygen', ['keygen'], {}, (text) => text.replace(/=.{43}$/gm, '=…'))],
  ['sample:sri', await sample('sri live-headers.js', ['sri', 'live-headers.js'], { cwd: assets })],
  ['sample:csp', await sample(`csp "${POLICY}"`, ['csp', POLICY])],
  ['sample:headers', await sampleOfHeaders()],
  ['sample:check', await sample('check ./app.js', ['check', './app.js'], { cwd: examples })]
]

/** Name of the part to its text. */
export const CLI_PARTS: Readonly<Record<string, () => string>> = Object.fromEntries([
  ...helps,
  ...samples,
  ['commands:cli', ['| Command | What it does |', '|---|---|', ...COMMANDS.map(({ name, summary }) => `| [\`${name}\`](docs/cli.md#${name}) | ${summary} |`)].join('\n')] as const
].map(([name, text]) => [name, () => text]))
