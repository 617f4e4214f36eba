import type { BodyKind } from './body-kind.ts'

/** Whether a client would rather have a page than data (RFC 9110, section 12.5.1). What says nothing gets what its own body is like. */
export function prefersPage (accept: string | undefined, kind: BodyKind | undefined): boolean {
  if (accept === undefined) return kind !== 'json'
  const page = qualityOf(accept, ['text/html', 'text/*', '*/*'])
  const data = Math.max(qualityOf(accept, ['application/json', 'application/*', '*/*']), qualityOf(accept, ['application/problem+json', 'application/*', '*/*']))
  return page === data ? kind !== 'json' : page > data
}

function qualityOf (accept: string, ranges: readonly string[]): number {
  const entries = accept.toLowerCase().split(',', 50).map((entry) => entry.split(';').map((part) => part.trim()))
  for (const range of ranges) {
    const entry = entries.find(([name]) => name === range)
    if (entry === undefined) continue
    const quality = Number(entry.find((part) => part.startsWith('q='))?.slice(2) ?? 1)
    return quality >= 0 && quality <= 1 ? quality : 1
  }
  return 0
}
