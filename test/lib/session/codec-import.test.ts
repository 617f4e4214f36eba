import t from 'tap'
import { importCodec } from '../../../lib/session/codec-import.ts'

t.test('the codec, or a reason that can be acted upon', async (t) => {
  t.equal(await importCodec(async () => ({ default: 'codec' })), 'codec')
  const cause = Object.assign(new Error('Cannot find addon'), { code: 'ADDON_NOT_FOUND' })
  const error = await importCodec(async () => { throw cause }).then(() => undefined, (error: unknown) => error)
  t.match(error, { code: 'BULWARK_ERR_SESSION_CODEC_MISSING', message: /musl[^]*glibc/, cause })
})
