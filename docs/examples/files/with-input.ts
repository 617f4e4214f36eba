import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import { files } from 'fastify-bulwark/files'
import { f, html, input } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(multipart)
  await app.register(input)
  await app.register(files)

  // #region form
  app.route({
    method: ['GET', 'POST'],
    url: '/profile',
    schema: { body: Type.Object({ title: f.text({ max: 80 }) }) },
    form: {
      accepts: ['form'],
      files: { avatar: { types: ['png', 'jpg'], required: true } },
      render: (_request, _reply, form) => html`<!doctype html>
        <title>Profile</title>
        <form method="post" enctype="multipart/form-data">
          <input name="title" value="${form.field('title').value}">
          <input name="avatar" type="file" accept="image/png,image/jpeg">
          <p>${Object.values(form.errors).flat().join(' ')}</p>
          <button>Save</button>
        </form>`
    }
  }, async (request) => ({ title: request.form.ok && request.form.values.title, avatar: request.uploads.get('avatar')?.type }))
  // #endregion form

  return app
}
