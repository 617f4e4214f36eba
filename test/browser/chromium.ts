import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const executablePath = '/usr/bin/chromium'
const isCI = !['', 'false', '0', undefined].includes(process.env['CI'])

const absence = existsSync(executablePath)
  ? undefined
  : `Chromium is not there (${executablePath}): install Debian's package chromium to run the tests in test/browser.`

/** For tap's option `skip`. On a continuous integration server what is missing is a failure, by `launch`. */
export const skip: string | false = absence !== undefined && !isCI ? absence : false

/** Starts Chromium without anything that would make it talk to other machines. */
export async function launch (...args: string[]): Promise<Browser> {
  if (absence !== undefined) throw new Error(absence)
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ...args
    ]
  })
}
