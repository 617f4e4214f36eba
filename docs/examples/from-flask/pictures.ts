import type { FastifyInstance } from 'fastify'
import { f, html } from 'fastify-bulwark/input'
import { requireLogin } from 'fastify-bulwark/session'
import { Type } from 'typebox'
import { page, token } from './page.ts'
import type { Site } from './site.ts'

// #region pictures
export function pictures (app: FastifyInstance, { uploads }: Site): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/pictures',
    schema: { body: Type.Object({ title: f.text({ max: 80 }) }) },
    // Asked before the body is read.
    config: { security: { session: requireLogin } },
    form: {
      accepts: ['form'],
      files: { picture: { types: ['png', 'jpg'], maxSize: 2_000_000, required: true } },
      render: (request, _reply, form) => page(request, 'Pictures', html`
        <form method="post" enctype="multipart/form-data">
          ${token(request)}
          <p>${Object.values(form.errors).flat().join(' ')}</p>
          <p><label>Title <input ${form.field('title').attributes}></label></p>
          <p><input name="picture" type="file" accept="image/png,image/jpeg"></p>
          <button>Send</button>
        </form>`)
    }
  }, async (request) => {
    const picture = request.uploads.get('picture')!
    await picture.moveTo(uploads)
    return { id: picture.storedName, name: picture.safeName, type: picture.mediaType }
  })

  app.get<{ Params: { id: string } }>('/pictures/:id', (request, reply) =>
    reply.download({ root: uploads, path: request.params.id }, { name: 'picture' }))
}
// #endregion pictures
