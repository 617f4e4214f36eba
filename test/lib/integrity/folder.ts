import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'

/** A folder with files in it, which is gone when the test ends. */
export function folderWith (t: Test, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-integrity-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Runs with `path` closed to everybody. Nothing is closed to root, so that for it the run is somebody else's. */
export function withClosed<T> (path: string, run: () => T): T {
  chmodSync(dirname(path), 0o755)
  chmodSync(path, 0)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    return run()
  } finally {
    if (isRoot) process.seteuid!(0)
    chmodSync(path, 0o755)
  }
}
