import t from 'tap'
import { toError, toFaults, type Refusal } from '../../../lib/files/file-fault.ts'

const refusal: Refusal = { field: 'a', code: 'BULWARK_ERR_FILES_TOO_LARGE', reason: 'for the log', key: 'fileSize', params: { max: 5 } }

t.test('what is said of a field is said once, with its status, and without what is for the log', async (t) => {
  const type = { ...refusal, code: 'BULWARK_ERR_FILES_TYPE_REFUSED', key: 'fileType' } as const
  t.same(toFaults([refusal, type, refusal, { ...type, field: 'b' }]), [
    { path: 'a', key: 'fileSize', params: { max: 5 }, status: 413 },
    { path: 'a', key: 'fileType', params: { max: 5 }, status: 422 },
    { path: 'b', key: 'fileType', params: { max: 5 }, status: 422 }
  ])
})

t.test('where nobody answers the form, it is an error', async (t) => {
  t.match(toError(refusal), { code: 'BULWARK_ERR_FILES_TOO_LARGE', statusCode: 413 })
})
