import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { compileOptions, expectation, recordOf } from '../options.ts'
import { remoteAddress } from './asset-url.ts'
import { parseIntegrity } from './metadata.ts'

/** What a lock file knows of one asset of another site. */
export interface LockedAsset {
  /** Integrity metadata of its bytes. */
  readonly integrity: string
  /** Bytes. */
  readonly size: number
  /** The day on which it was locked: `2026-11-25`. */
  readonly date: string
}

/** The content of a lock file. */
export interface Lock {
  readonly version: 1
  /** Address to asset. */
  readonly assets: Readonly<Record<string, LockedAsset>>
}

const closed = { additionalProperties: false }

const check = compileOptions<Lock>(Type.Object({
  version: Type.Literal(1),
  assets: recordOf(Type.Object({
    integrity: Type.String(),
    size: Type.Integer({ minimum: 0 }),
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', expected: 'a day such as `2026-11-25`' })
  }, closed))
}, closed), { unknown: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID', invalid: 'BULWARK_ERR_INTEGRITY_LOCK_INVALID' })

/**
 * Reads the text of a lock file. Throws `SecurityError` `BULWARK_ERR_INTEGRITY_LOCK_INVALID` for anything that is not one: no JSON, an
 * unknown key, an address that is not https or not in its one spelling, an `integrity` that a browser would skip.
 */
export function parseLock (text: string, path: string): Lock {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SecurityError('BULWARK_ERR_INTEGRITY_LOCK_INVALID', expectation(path, 'JSON', text))
  }
  const lock = check(value, path)
  for (const [url, { integrity }] of Object.entries(lock.assets)) {
    const canonical = remoteAddress(url)
    if (canonical !== url) {
      throw new SecurityError('BULWARK_ERR_INTEGRITY_LOCK_INVALID', `${path}.assets: expected https addresses as the URL parser writes them, without fragment and credentials, received ${JSON.stringify(url)}.${canonical === undefined ? '' : ` Write \`${canonical}\`.`}`)
    }
    // Every part: a typing error in one of two hashes is one, although a browser would make do with the other.
    if (integrity.split(' ').some((part) => parseIntegrity(part).length !== 1)) {
      throw new SecurityError('BULWARK_ERR_INTEGRITY_LOCK_INVALID', expectation(`${path}.assets[${JSON.stringify(url)}].integrity`, 'hashes such as `sha384-…`, whole and separated by one space', integrity))
    }
  }
  return lock
}

/** The text of a lock file: sorted by address, so that a change shows as one. */
export function formatLock (lock: Lock): string {
  const assets = Object.fromEntries(Object.entries(lock.assets)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([url, { integrity, size, date }]) => [url, { integrity, size, date }]))
  return `${JSON.stringify({ version: lock.version, assets }, null, 2)}\n`
}
