import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../.ci/install.mjs'

/** The release lines of Node that the package promises to run on, oldest first. */
export const MAJORS = [20, 22, 24, 26]

const ours = Number(process.versions.node.split('.')[0])
const folder = join(root, 'node_modules/.cache/node-versions')

/** What the npm package `node` would fetch by its install script, under its own name: it holds the program and needs no script. */
function platformPackage () {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
}

function programOf (major) {
  return join(folder, `node_modules/node${major}/bin/node${process.platform === 'win32' ? '.exe' : ''}`)
}

/** Fetches from the npm registry what is missing of some release lines, and gives the program of each. Throws when npm fails. */
export function nodesOf (majors) {
  const missing = majors.filter((major) => major !== ours && !existsSync(programOf(major)))
  if (missing.length > 0) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const packages = missing.map((major) => `node${major}@npm:${platformPackage()}@${major}`)
    const { status, stderr, error } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...packages], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32'
    })
    if (status !== 0) throw new Error(`Node ${missing.join(', ')} could not be fetched: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
  }
  return new Map(majors.map((major) => [major, major === ours ? process.execPath : programOf(major)]))
}
