import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { formatLock, parseLock, type Lock } from '../integrity/lock.ts'
import { CommandError, reasonOf } from './command-error.ts'

/** The lock file at a path; `undefined` where there is none. Throws `CommandError`, and `SecurityError` for a file that is no lock file. */
export function readLockFile (file: string): Lock | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandError(`The lock file cannot be read (${reasonOf(error)}).`, { cause: error })
  }
  return parseLock(text, 'lock file')
}

/** Writes a lock file as a whole or not at all: it is written beside its place and moved there. Throws `CommandError`. */
export function writeLockFile (file: string, lock: Lock): void {
  const draft = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(draft, formatLock(lock), { flag: 'wx' })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw new CommandError(`The lock file cannot be written (${reasonOf(error)}).`, { cause: error })
  }
}
