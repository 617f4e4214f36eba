import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs before anything is installed: Node's own modules only.

export const root = fileURLToPath(new URL('../', import.meta.url))

/** On a continuous integration server what is missing is a failure; on a person's machine it is a test that is skipped. */
export const isCI = !['', 'false', '0', undefined].includes(process.env.CI)

/** Installs the packages of package-lock.json, unless node_modules holds just these. Throws when npm fails. */
export function installPackages () {
  if (packagesAreInstalled()) return
  console.log('Installing packages from package-lock.json …')
  // The build and the demonstration need the development packages, whatever NODE_ENV or npm's `omit` say.
  const { status, error } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32'
  })
  if (status !== 0) throw new Error(`The packages could not be installed: ${error?.message ?? 'npm ci failed, see above'}.`)
}

/**
 * npm writes down what it installed in node_modules/.package-lock.json, last of all, so that an interrupted installation has
 * none. A stamp of our own would know less: it would not notice `npm install` by hand.
 */
function packagesAreInstalled () {
  const wanted = packagesIn('package-lock.json')
  const installed = packagesIn('node_modules/.package-lock.json')
  if (installed === undefined) return false
  const isInstalled = ([path, { version, integrity, optional }]) => {
    const found = installed[path]
    // npm leaves out optional packages that are made for another platform.
    if (found === undefined) return path === '' || optional === true
    return found.version === version && found.integrity === integrity
  }
  return Object.entries(wanted).every(isInstalled) && Object.keys(installed).every((path) => path in wanted)
}

function packagesIn (file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Installs programs that tests need from Debian's packages where that can be done: `{ name, package, provides, needed }`, where
 * `provides` is a path that exists once `package` is installed; `*` in it stands for any one folder, such as the version of a release.
 * Says in one sentence what could not be had, or throws it on CI.
 */
export function installDebianPackages (programs) {
  const absent = programs.filter(({ provides }) => !isThere(provides))
  if (absent.length === 0) return
  const obstacle = obstacleToDebian() ?? aptInstall(absent.map((program) => program.package))
  const missing = absent.filter(({ provides }) => !isThere(provides))
  if (missing.length === 0) return
  const sentence = missing.map(({ name, provides, needed }) =>
    `${name} is missing (${provides}) and was not installed, since ${obstacle ?? 'Debian\'s package does not hold it'}; ${needed}`)
  if (isCI) throw new Error(`${sentence.join(' cannot run.\n')} cannot run.`)
  for (const one of sentence) console.log(`${one} are skipped.`)
}

function isThere (pattern) {
  const [folder, rest] = pattern.split('/*/')
  if (rest === undefined) return existsSync(pattern)
  return existsSync(folder) && readdirSync(folder).some((entry) => existsSync(join(folder, entry, rest)))
}

function obstacleToDebian () {
  if (!existsSync('/usr/bin/apt-get')) return 'this system has no apt-get'
  if (process.getuid?.() !== 0) return 'only root may install packages'
}

/** Gives the obstacle, or nothing. */
function aptInstall (packages) {
  console.log(`Installing ${packages.join(', ')} from Debian's packages …`)
  const apt = (...args) => spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  })
  const install = () => apt('install', '--yes', '--no-install-recommends', ...packages)
  // Fails at once when the lists of packages are absent (a container's image comes without) or older than the mirror's files.
  if (install().status === 0) return
  apt('update')
  const { status, stderr } = install()
  if (status !== 0) return `apt-get failed (${stderr.trim().split('\n').at(-1)})`
}

/** Runs a program of Node's in the root, its output with ours. Says whether it succeeded. */
export function runNode (program, ...args) {
  return spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' }).status === 0
}
