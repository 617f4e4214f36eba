import type { Asset, AssetManifest } from './manifest.ts'

/** Looks at the files of a manifest every so many seconds and tells of each that changed. Gives the function that ends it. It keeps no process alive. */
export function watchChanges (manifest: AssetManifest, seconds: number, onChange: (asset: Asset) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  // One look after the other, however long it takes.
  const wait = (): void => {
    if (!isOver) timer = setTimeout(look, seconds * 1000).unref()
  }
  const look = async (): Promise<void> => {
    const changed = await manifest.changes()
    if (!isOver) changed.forEach((asset) => onChange(asset))
    wait()
  }
  if (seconds > 0) wait()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
