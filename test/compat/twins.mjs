import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { root } from '../../.ci/install.mjs'

// node twins.mjs <part> <parts>     the twin tests from the built package, or one of so many parts of them, in this one process; TAP on standard output

const [part, parts] = process.argv.slice(2).map(Number)
const files = ['lib', 'plugins']
  .flatMap((folder) => readdirSync(join(root, 'dist/test', folder), { recursive: true }).map((name) => join(root, 'dist/test', folder, name)))
  .filter((file) => file.endsWith('.test.js'))
  .sort()

// Once a file has left tap something to tear down, tap ends when there is nothing to do for a moment, as while the next file is being read.
const teardown = t.teardown
const left = []
t.teardown = (handler) => left.push(handler)
for (const [index, file] of files.entries()) {
  if (index % parts === part) await import(pathToFileURL(file).href)
}
t.teardown = teardown
for (const handler of left) t.teardown(handler)
