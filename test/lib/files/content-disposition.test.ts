import { parse } from 'content-disposition'
import fc from 'fast-check'
import t from 'tap'
import { formatDisposition } from '../../../lib/files/content-disposition.ts'
import { safeFileName } from '../../../lib/files/file-name.ts'

const cases: ReadonlyArray<readonly [what: string, name: string, expected: string]> = [
  ['ASCII needs one form', 'a b.txt', 'attachment; filename="a b.txt"'],
  ['others have two', 'Grüße.pdf', "attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf"],
  ['one character outside of the plane is one', '😀.png', "attachment; filename=\"_.png\"; filename*=UTF-8''%F0%9F%98%80.png"],
  ['what RFC 8187 does not have is escaped', "ü'(*).txt", "attachment; filename=\"_'(_).txt\"; filename*=UTF-8''%C3%BC%27%28_%29.txt"],
  ['no header within a header', 'a"\r\nX: y', 'attachment; filename="a_X_ y"'],
  ['no path', '../../etc/passwd', 'attachment; filename="passwd"']
]

for (const [what, name, expected] of cases) t.equal(formatDisposition('attachment', name), expected, what)
t.equal(formatDisposition('inline', 'a.png'), 'inline; filename="a.png"')

t.test('content-disposition reads the name that was meant', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('attachment', 'inline'), (name, type) => {
    const header = formatDisposition(type, name)
    const { type: read, parameters } = parse(header)

    return read === type && parameters['filename'] === safeFileName(name) && /^[\x20-\x7e]+$/.test(header)
  }), { numRuns: 2000 })
})
