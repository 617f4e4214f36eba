import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance } from 'fastify'
import { files } from 'fastify-bulwark/files'
import { f, html, input } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (folder: string): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(multipart)
  await app.register(files)
  await app.register(input)

  // #region form
  const Profile = Type.Object({
    title: f.text({ max: 80 }),
    avatar: f.file({ types: ['png', 'jpg'], maxSize: 2_000_000, maxPixels: 20_000_000 }),
    papers: f.files({ types: ['pdf'], max: 5 })
  })

  app.route({
    method: ['GET', 'POST'],
    url: '/profile',
    schema: { body: Profile },
    form: {
      accepts: ['form'],
      labels: { avatar: 'Picture' },
      messages: { avatar: { fileType: 'A photograph, please.' } },
      render: (_request, _reply, form) => html`<!doctype html>
        <title>Profile</title>
        <form method="post" enctype="${form.enctype}">
          <p>${form.formErrors}</p>
          ${(['title', 'avatar', 'papers'] as const).map((name) => form.field(name)).map(({ id, label, attributes, errors, errorId }) => html`
            <label for="${id}">${label}</label> <input ${attributes}> <span id="${errorId}">${errors}</span>`)}
          <button>Save</button>
        </form>`
    }
  }, async (request) => {
    if (!request.form.ok) return
    const { title, avatar, papers } = request.form.values
    await avatar.moveTo(folder)
    return { title, avatar: avatar.storedName, papers: papers.map(({ safeName }) => safeName) }
  })
  // #endregion form

  return app
}
