import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'
import { files } from 'fastify-bulwark/files'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  await app.register(formbody)
  await app.register(multipart)
  await app.register(files)

  // #region form
  app.get('/profile', (request, reply) => reply.type('text/html').send(`<!doctype html>
    <title>Profile</title>
    ${request.csrfMeta()}
    <form method="post" action="/profile">
      ${request.csrfField()}
      <input name="name"> <button>Save</button>
    </form>
    <script src="/profile.js"></script>`))
  // #endregion form

  // #region schema
  app.post('/profile', {
    schema: { body: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } } }
  }, (request) => request.body) // without _csrf
  // #endregion schema

  // #region script
  app.get('/profile.js', (_request, reply) => reply.type('text/javascript').send(`
    const { content } = document.querySelector('meta[name=csrf-token]')
    const save = (profile) => fetch('/profile', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': content },
      body: JSON.stringify(profile)
    })`))
  // #endregion script

  // #region multipart
  app.get('/photo', (request, reply) => reply.type('text/html').send(`<!doctype html>
    <title>Photo</title>
    <form method="post" action="/photo" enctype="multipart/form-data">
      ${request.csrfField()}
      <input type="file" name="photo"> <button>Send</button>
    </form>`))
  app.post('/photo', { form: { files: { photo: { types: ['png', 'jpg'], required: true } } } },
    async (request) => ({ bytes: request.uploads.get('photo')?.size }))
  // #endregion multipart

  return app
}
