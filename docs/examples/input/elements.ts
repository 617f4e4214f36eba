import Fastify, { type FastifyInstance } from 'fastify'
import { f, html, input, type FieldView, type Html } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(input)
  // #region elements
  const Order = Type.Object({
    size: f.choice(['small', 'large']),
    extras: Type.Optional(f.choices(['box', 'card'])),
    note: Type.Optional(f.text({ multiline: true, max: 500 })),
    terms: f.agreement({ title: 'I agree to the terms' })
  })

  /** The element of a field. A choice of one begins with nothing chosen. */
  const element = ({ attributes, type, value, multiple, options }: FieldView): Html => {
    if (type === 'textarea') return html`<textarea ${attributes}>${value}</textarea>`
    if (type !== 'select') return html`<input ${attributes}>`
    return html`<select ${attributes}>${!multiple && html`<option value=""></option>`}${options.map(({ value, label, selected }) => selected
      ? html`<option value="${value}" selected>${label}</option>`
      : html`<option value="${value}">${label}</option>`)}</select>`
  }

  app.route({
    method: ['GET', 'POST'],
    url: '/order',
    schema: { body: Order },
    form: {
      render: (_request, _reply, form) => html`<!doctype html>
        <title>Order</title>
        <form method="post">${(['size', 'extras', 'note', 'terms'] as const).map((name) => form.field(name)).map((field) => html`
          <p><label for="${field.id}">${field.label}</label> ${element(field)} <span id="${field.errorId}">${field.errors}</span></p>`)}
          <button>Order</button>
        </form>`
    }
  }, async (request) => request.form.ok && request.form.values)
  // #endregion elements
  return app
}
