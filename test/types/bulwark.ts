// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify from 'fastify'
import bulwarkByDefault, { bulwark, bulwarkDefaults, generateKey, type BulwarkOptions } from 'fastify-bulwark'

export const options: BulwarkOptions[] = [
  {},
  { keys: [generateKey()], origin: 'https://app.test', hosts: ['app.test'] },
  { headers: false, transport: false, integrity: false, session: false, csrf: false, input: false, files: false, redirect: false },
  { headers: { preset: 'article' }, transport: { https: false }, integrity: { roots: [{ root: 'public' }] }, session: { idle: 60 }, csrf: { mode: 'report' }, input: { lint: 'warn' }, files: { limits: {} }, redirect: { hosts: ['good.test'] } }
]

export const wrong: BulwarkOptions[] = [
  // @ts-expect-error: origin
  { orgin: 'https://app.test' },
  // @ts-expect-error: one origin
  { origin: ['https://app.test'] },
  // @ts-expect-error: a list
  { keys: 'key' },
  // @ts-expect-error: a part is on by its options
  { session: true },
  // @ts-expect-error: idle
  { session: { idel: 60 } },
  // @ts-expect-error: what is absent is left out, not undefined
  { session: undefined }
]

const app = Fastify()
app.register(bulwarkByDefault, { keys: [], origin: 'https://app.test' })
app.register(bulwark, () => ({ keys: [], origin: 'https://app.test' }))
await app.register(bulwark, { keys: [], origin: 'https://app.test' })

// What the parts write into the types of Fastify comes along.
app.get('/', { config: { security: { headers: false, transport: false, integrity: false, session: { login: true }, csrf: 'token', files: { limits: {} }, redirect: { field: 'next' } } } }, async (request, reply) => {
  const texts: string[] = [request.cspNonce, request.csrfToken(), request.signNext('/', { maxAge: 60 }), app.integrity('/a.js')]
  request.uploads.all()
  await request.session.login('42')
  return texts.length > 0 ? reply.safeRedirect('/') : reply.download(Buffer.from(''))
})
app.post('/', { form: { files: { photo: { types: ['png'] } } } }, async (request) => request.form.ok)

// @ts-expect-error: the defaults are not to be changed
bulwarkDefaults.session = false
