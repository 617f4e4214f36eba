import { Readable } from 'node:stream'
import type { Surroundings } from '../../../lib/cli/command.ts'

/** Surroundings without a terminal, whose standard input holds `stdin`. */
export function surroundings (stdin: string = '', cwd: string = process.cwd()): Surroundings {
  return { stdin: Readable.from([stdin]), stderr: { write: () => true }, cwd }
}
