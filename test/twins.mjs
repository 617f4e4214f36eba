import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from '../.ci/install.mjs'

// node twins.mjs <part> <parts>     the twin tests from the built package, or one of so many parts of them, in this one process; TAP on standard output

const file = fileURLToPath(import.meta.url)
const FOLDER = 'dist/twins'

/** The compiled tests in these folders of test. */
const testsIn = (folders) => folders
  .flatMap((folder) => readdirSync(join(root, 'dist/test', folder), { recursive: true }).map((name) => join(root, 'dist/test', folder, name)))
  .filter((path) => path.endsWith('.test.js'))
  .sort()

/** Runs a part of the tests in these folders, all in this process. */
export async function runPart (folders, part, parts) {
  // Among the packages, which whoever writes the parts may still have to install.
  const { default: t } = await import('tap')
  // Once a file has left tap something to tear down, tap ends when there is nothing to do for a moment, as while the next file is being read.
  const teardown = t.teardown
  const left = []
  t.teardown = (handler) => left.push(handler)
  for (const [index, path] of testsIn(folders).entries()) {
    if (index % parts === part) await import(pathToFileURL(path).href)
  }
  t.teardown = teardown
  for (const handler of left) t.teardown(handler)
}

/** Writes one file a part, for tap, which has a process for each file: a process for each of 250 small tests is most of what they cost. */
export function writeParts (folders, parts) {
  const folder = join(root, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (let part = 0; part < parts; part++) {
    writeFileSync(join(folder, `${part + 1}.test.mjs`), `import { runPart } from '../../test/twins.mjs'\nawait runPart(${JSON.stringify(folders)}, ${part}, ${parts})\n`)
  }
}

if (process.argv[1] === file) await runPart(['lib', 'plugins'], ...process.argv.slice(2).map(Number))
