import multipart from '@fastify/multipart'

// A picture of 10 MB, as a form sends it. Both rows write it to the disk and take it away again; ours counts it and looks at it.
const SIZE = 10_000_000
const BOUNDARY = 'bench'

function picture () {
  const bytes = Buffer.alloc(SIZE, 'pixels')
  bytes.write('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex')
  bytes.writeUInt32BE(SIZE - 57, 33)
  bytes.write('IDAT', 37)
  bytes.write('0000000049454e44ae426082', SIZE - 12, 'hex')
  return bytes
}

const body = Buffer.concat([
  Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n`),
  picture(),
  Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
])
const request = { method: 'POST', path: '/', headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }, body }
const load = { base: 'upload/multipart', request, connections: 2, warmUp: 40, slice: 1500 }

export const rows = [
  {
    ...load,
    name: 'upload/multipart',
    async setup (app) {
      await app.register(multipart, { limits: { fileSize: 20_000_000 } })
      app.post('/', async request => {
        const { files } = await request.saveRequestFiles()
        return { path: files[0].filepath }
      })
    }
  },
  {
    ...load,
    name: 'upload/ours',
    plugin: 'fastify-bulwark/files',
    async setup (app, plugin) {
      await app.register(multipart)
      await app.register(plugin.default, { limits: { request: 20_000_000 } })
      app.post('/', { form: { files: { file: { types: ['png'], maxSize: 20_000_000 } } } }, async request => ({ path: request.uploads.get('file').path }))
    }
  }
]

export const goals = [{ name: 'upload of 10 MB: ours to @fastify/multipart', row: 'upload/ours', least: 0.9 }]
