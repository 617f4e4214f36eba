import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { hashOf } from '../../../lib/headers/csp-hash.ts'
import { hashesOfFile } from '../../../lib/integrity/inline-hashes.ts'
import { folderWith } from './folder.ts'

const CODE = 'BULWARK_ERR_INTEGRITY_HTML_UNDECIDED'

t.test('the hashes of a file, each once', async (t) => {
  const folder = folderWith(t, { 'a.html': '\ufeff<script>ä\r\n</script><style>b</style><script>ä\n</script>', 'none.html': '' })
  const hashes = { scripts: [hashOf('ä\n')], styles: [hashOf('b')] }
  t.same(hashesOfFile(join(folder, 'a.html')), hashes)
  t.same(hashesOfFile(pathToFileURL(join(folder, 'a.html'))), hashes)
  t.same(hashesOfFile(join(folder, 'none.html')), { scripts: [], styles: [] })
})

t.test('what is refused', async (t) => {
  const folder = folderWith(t, { 'undecided.html': '\n<svg><script>swordfish()</script></svg>' })
  writeFileSync(join(folder, 'latin.html'), Buffer.from('<script>\xe4</script>', 'latin1'))
  t.throws(() => hashesOfFile(join(folder, 'nowhere.html')), { code: CODE, message: 'in UTF-8 that can be read', cause: { code: 'ENOENT' } })
  t.throws(() => hashesOfFile(join(folder, 'latin.html')), { code: CODE, message: 'in UTF-8' })
  t.throws(() => hashesOfFile(join(folder, 'undecided.html')), { code: CODE, message: 'undecided.html: Line 2: expected scripts' })
})
