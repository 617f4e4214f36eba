import t from 'tap'
import { privateCacheControl } from '../../../lib/csrf/cache-control.ts'

const OURS = 'private, no-cache'
const cases: Array<[existing: unknown, expected: string]> = [
  [undefined, OURS], ['', OURS], ['no-cache', OURS], ['public', OURS], ['max-age=60', OURS], ['private, public', OURS], ['no-store, s-maxage=1', OURS],
  ['private="x-a"', OURS], ['non-private', OURS],
  ['no-store', 'no-store'], ['PRIVATE', 'PRIVATE'], ['max-age=60,private', 'max-age=60,private'], ['private, x-public=1', 'private, x-public=1']
]
for (const [existing, expected] of cases) {
  t.test(`${String(existing)} becomes ${expected}`, async (t) => t.equal(privateCacheControl(existing), expected))
}
