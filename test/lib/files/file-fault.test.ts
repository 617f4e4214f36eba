import t from 'tap'
import { toError, toFormFault } from '../../../lib/files/file-fault.ts'

for (const [code, key] of [
  ['BULWARK_ERR_FILES_REQUIRED', 'required'],
  ['BULWARK_ERR_FILES_CONTENT_REFUSED', 'A file is damaged, or holds what is not admitted.']
] as const) {
  t.test(code, async (t) => {
    const fault = toFormFault({ field: 'a', code, reason: 'secret' })
    t.match(fault, { path: 'a', key })
    t.notMatch(JSON.stringify(fault), 'secret')
    t.match(toError(fault), { code, statusCode: 422 })
  })
}
