import type { FastifyInstance } from 'fastify'
import { f, html } from 'fastify-bulwark/input'
import { requireLogin } from 'fastify-bulwark/session'
import { Type } from 'typebox'
import { page, token } from './page.ts'
import type { Site } from './site.ts'

// #region pictures
const Picture = Type.Object({
  title: f.text({ max: 80 }),
  picture: f.file({ types: ['png', 'jpg'], maxSize: 2_000_000 })
})

export function pictures (app: FastifyInstance, { uploads }: Site): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/pictures',
    schema: { body: Picture },
    // Asked before the body is read.
    config: { security: { session: requireLogin } },
    form: {
      accepts: ['form'],
      render: (request, _reply, form) => page(request, 'Pictures', html`
        <form method="post" enctype="${form.enctype}">
          ${token(request)}
          <p>${form.formErrors}</p>
          ${(['title', 'picture'] as const).map((name) => {
            const field = form.field(name)
            return html`<p><label for="${field.id}">${field.label}</label> <input ${field.attributes}> <span id="${field.errorId}">${field.errors}</span></p>`
          })}
          <button>Send</button>
        </form>`)
    }
  }, async (request) => {
    if (!request.form.ok) return
    const { picture } = request.form.values
    await picture.moveTo(uploads)
    return { id: picture.storedName, name: picture.safeName, type: picture.mediaType }
  })

  app.get<{ Params: { id: string } }>('/pictures/:id', (request, reply) =>
    reply.download({ root: uploads, path: request.params.id }, { name: 'picture' }))
}
// #endregion pictures
