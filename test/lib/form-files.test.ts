import t from 'tap'
import { FILE_RULES, kFormFiles } from '../../lib/form-files.ts'

// What two plugins agree on. Schemas that were stored somewhere keep the key, so that it does not change.

t.test('the key is an extension of OpenAPI, and the place is in nobody’s way', async (t) => {
  t.equal(FILE_RULES, 'x-bulwark-file')
  t.type(kFormFiles, 'symbol')
})
