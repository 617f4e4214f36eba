import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'

// What the tests of the examples share: every example of a folder is run and shows what the page that quotes it says.

const root = new URL('../../../../', import.meta.url)

/** The examples of one plugin. */
export interface Examples {
  /** The folder with the sources. */
  readonly folder: URL
  /** The path of the compiled file of an example. */
  compiled (file: string): string
  /** Registers the test of one example; every file must have one. */
  show (file: string, run: (t: Test) => Promise<void>): void
  /** To be called when all are shown. `elsewhere`: examples that need a server, and the test that runs them. */
  nothingLeftOut (elsewhere?: Readonly<Record<string, string>>): void
}

/** The examples in `docs/examples/<plugin>`. */
export function examplesOf (plugin: string): Examples {
  const folder = new URL(`docs/examples/${plugin}/`, root)
  const shown = new Set<string>()
  return {
    folder,
    compiled: (file) => fileURLToPath(new URL(`dist/docs/examples/${plugin}/${file}`, root)),
    show (file, run) {
      shown.add(file)
      t.test(file, run)
    },
    nothingLeftOut (elsewhere = {}) {
      t.test('no example is left out', async (t) => {
        for (const [file, test] of Object.entries(elsewhere)) {
          t.match(readFileSync(new URL(test, root), 'utf8'), `docs/examples/${plugin}/${file}'`, `${file} is run by ${test}`)
          shown.add(file)
        }
        const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name)
        t.same(files.filter((file) => !shown.has(file)), [])
      })
    }
  }
}

/** The replies of an application to `urls`; it is closed when the test ends. */
export async function inject (t: Test, app: FastifyInstance, ...urls: string[]): Promise<LightMyRequestResponse[]> {
  t.teardown(() => app.close())
  return await Promise.all(urls.map((url) => app.inject(url)))
}

/** Starts a program that listens on the port of its environment; gives the address that it logs. It is ended with the test. */
export async function startProgram (t: Test, file: string, env: Readonly<Record<string, string>> = {}, cwd?: string): Promise<string> {
  const program = spawn(process.execPath, [file], { ...cwd !== undefined && { cwd }, env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => program.kill())
  let log = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => { log += text })
  while (!/http:[^"]+:\d+/.test(log)) await once(program.stdout, 'data')
  return /http:[^"]+:\d+/.exec(log)![0]
}
