import { readFileSync } from 'node:fs'
import fc from 'fast-check'

/** A line of the corpus: see test/corpora/redirect-payloads.md. */
export interface Payload {
  readonly id: string
  readonly payload: string
  readonly label: 'leaves' | 'stays' | 'error'
  readonly benign?: boolean
  readonly why?: string
  readonly family: string
}

export const corpus: readonly Payload[] = readFileSync(new URL('../../../../test/corpora/redirect-payloads.jsonl', import.meta.url), 'utf8')
  // The empty target has no `payload` in its line.
  .trimEnd().split('\n').map((line) => ({ payload: '', ...JSON.parse(line) as Omit<Payload, 'payload'> }))

/** Pieces that URL parsers fall over, put together at random. */
const pieces = fc.array(fc.oneof(
  fc.constantFrom('/', '//', '\\', '\t', '\n', '\r', '\0', ' ', '.', '..', '%2e', '%2F', '%5c', '%09', '%', ':', '@', '?', '#', '&', '=', ';', '|', "'", '"', '<', '>', '`', '{', '[', ']', '^', '~'),
  fc.constantFrom('http:', 'https:', 'HTTPS:', 'javascript:', 'data:', 'file:', 'blob:', 'ws:', 'ftp:', 'mailto:'),
  fc.constantFrom('app.test', 'good.test', 'evil.test', 'APP.test', 'app。test', 'app.test.', 'a.good.test', ':443', ':80', ':8443', '0x7f.1', '[::1]', '127.1', 'localhost', 'user:pass@'),
  fc.constantFrom('\u00a0', '\u200b', '\u2028', '\u3000', '\ufeff', '\u00ad', '\u0085', '\ud800', '\udfff', 'é', '日本', '🦊', 'ſ', 'ß'),
  fc.string({ unit: 'binary', maxLength: 4 }), fc.string({ maxLength: 4 }), fc.constantFrom('dashboard', 'a', 'b', '-', '_', '1')
), { maxLength: 9 }).map((parts) => parts.join(''))

/** Any UTF-16, halves of pairs included. */
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes))

/** Any text at all, with a leaning to those that matter. */
export const arbitraryTarget: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: pieces },
  { weight: 1, arbitrary: units },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...corpus), pieces, fc.nat()).map(([{ payload }, piece, at]) => {
      const where = at % (payload.length + 1)
      return payload.slice(0, where) + piece + payload.slice(where)
    })
  }
)

/** Paths of the kind that is decided without the parser, and near misses. */
export const arbitraryPath: fc.Arbitrary<string> = fc.array(fc.constantFrom(...'/abcXYZ019._~!$&\'()*+,;=:@%?#-[]|^"<>`{}\\ \té'), { maxLength: 14 }).map((characters) => `/${characters.join('')}`)
