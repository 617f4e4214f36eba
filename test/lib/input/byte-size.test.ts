import t from 'tap'
import { byteSize } from '../../../lib/input/byte-size.ts'

const rows: ReadonlyArray<readonly [bytes: number, language: string, expected: string]> = [
  [0, 'en', '0 B'], [1, 'en', '1 B'], [999, 'en', '999 B'], [1000, 'en', '1 kB'], [65_536, 'en', '65.5 kB'], [999_999, 'en', '999.9 kB'], [1_048_576, 'en', '1 MB'], [1_500_000, 'de', '1,5 MB'],
  [2 ** 40, 'en', '1 TB'], [2e15, 'en', '2,000 TB'], [2e15, 'de', '2.000 TB']
]

for (const [bytes, language, expected] of rows) t.equal(byteSize(bytes, language), expected)
