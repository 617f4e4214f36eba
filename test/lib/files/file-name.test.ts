import fc from 'fast-check'
import t from 'tap'
import { extensionOf, safeFileName } from '../../../lib/files/file-name.ts'

const names: ReadonlyArray<readonly [what: string, given: string, expected: string]> = [
  ['an ordinary name stays', 'holiday 2024.jpg', 'holiday 2024.jpg'],
  ['other scripts stay', 'Grüße 文件 (1).pdf', 'Grüße 文件 (1).pdf'],
  ['an emoji of one character stays', 'cat 😀.png', 'cat 😀.png'],
  ['a path is its last part', '../../etc/passwd', 'passwd'],
  ['so is one of Windows', 'C:\\fakepath\\a.png', 'a.png'],
  ['and one with both', '..\\../x\\y/z.txt', 'z.txt'],
  ['a slash at the end is none', 'folder/', 'folder'],
  ['an encoded slash is no slash', '..%2f..%2fetc', '_2f.._2fetc'],
  ['a full-width slash is one for who normalises', 'a／b.txt', 'a_b.txt'],
  ['a fraction slash, too', 'a⁄b.txt', 'a⁄b.txt'],
  ['two dot leaders are two dots', '‥x', '_x'],
  ['nothing is a file', '', 'file'],
  ['neither are dots', '..', 'file'],
  ['nor dots and blanks', ' . . ', 'file'],
  ['a hidden file is shown', '.htaccess', 'htaccess'],
  ['an option is a name', '-rf', 'rf'],
  ['a home is a name', '~root', 'root'],
  ['dots at the end, which Windows drops', 'a.php...', 'a.php'],
  ['blanks at the end, too', 'a.php  ', 'a.php'],
  ['NUL ends a string in C', 'a.php\0.png', 'a.php.png'],
  ['encoded NUL is no NUL', 'a.php%00.png', 'a.php_00.png'],
  ['line breaks end a header', 'a\r\nSet-Cookie: x.txt', 'aSet-Cookie_ x.txt'],
  ['line separators are invisible', 'a\u2028b\u2029.txt', 'ab.txt'],
  ['right to left override turns an extension around', 'photo\u202egnp.exe', 'photognp.exe'],
  ['isolates, too', '\u2066a\u2069.txt', 'a.txt'],
  ['zero width hides', 'a\u200b\u200d\ufeff.txt', 'a.txt'],
  ['half of a pair', 'a\ud800.txt', 'a.txt'],
  ['a private character', 'a\ue000.txt', 'a.txt'],
  ['composed and decomposed are the same', 'u\u0308.txt', 'ü.txt'],
  ['an alternate stream of NTFS', 'a.txt:evil.exe', 'a.txt_evil.exe'],
  ['what a shell reads', 'a|b>c<d*e?f"g`h$i;j&k.txt', 'a_b_c_d_e_f_g_h_i_j_k.txt'],
  ['a device', 'CON', '_CON'],
  ['a device with an extension', 'nul.txt', '_nul.txt'],
  ['a device with two', 'Aux.tar.gz', '_Aux.tar.gz'],
  ['a device with a number', 'COM1.log', '_COM1.log'],
  ['a device with a raised number', 'lpt².log', '_lpt².log'],
  ['a device before a blank', 'prn .txt', '_prn .txt'],
  ['a device behind a dot', '.con', '_con'],
  ['CONIN$ without its sign', 'CONIN$', 'CONIN_'],
  ['a name that begins like a device', 'console.log', 'console.log'],
  ['white space of every kind is one blank', 'a\t\n b\u00a0\u3000c.txt', 'a b c.txt'],
  ['two extensions stay: the stored name has one', 'shell.php.png', 'shell.php.png'],
  ['a long name keeps its extension', `${'a'.repeat(300)}.jpeg`, `${'a'.repeat(195)}.jpeg`],
  ['characters are not cut in half', `${'ü'.repeat(150)}.png`, `${'ü'.repeat(98)}.png`],
  ['a long extension is none', `a.${'b'.repeat(300)}`, `a.${'b'.repeat(198)}`],
  ['only blanks before the cut', `${'a'.repeat(190)}${' .'.repeat(20)}${'b'.repeat(20)}.png`, `${'a'.repeat(190)}.png`]
]

for (const [what, given, expected] of names) t.equal(safeFileName(given), expected, what)

t.test('whatever comes, the name is harmless', async () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'./\\ .-~:aB\0\u202e😀／ü\u0308') }), fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 })), (given) => {
    const name = safeFileName(given)
    return name.length > 0 && Buffer.byteLength(name) <= 201 && !/\p{Cs}/u.test(name) &&
      // eslint-disable-next-line no-control-regex -- they must not be there
      !/[\0-\x1f\x7f/\\:*?"<>|]|^[-.~\s]|[.\s]$/.test(name)
  }), { numRuns: 2000 })
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (given) => safeFileName(safeFileName(given)) === safeFileName(given)), { numRuns: 2000 })
})

const extensions: ReadonlyArray<readonly [given: string, expected: string]> = [
  ['a.PNG', 'png'], ['a.tar.gz', 'gz'], ['a', ''], ['.png', ''], ['a.', ''], ['a.p g', ''], ['a.png\0', ''], [`a.${'b'.repeat(21)}`, ''], ['a\n.png', 'png'], ['', '']
]

for (const [given, expected] of extensions) t.equal(extensionOf(given), expected, JSON.stringify(given))
