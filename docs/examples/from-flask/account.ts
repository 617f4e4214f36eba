import type { FastifyInstance } from 'fastify'
import { f, html } from 'fastify-bulwark/input'
import { Type } from 'typebox'
import { page, token } from './page.ts'
import type { Site } from './site.ts'

// #region form
const Account = Type.Object({
  username: f.username({ min: 3, max: 25 }),
  email: f.email(),
  activation_key: f.hidden(f.uuid())
})

export function account (app: FastifyInstance, { database }: Site): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/account',
    schema: { body: Account },
    form: {
      accepts: ['form', 'json'],
      messages: { username: { pattern: 'Usernames must have only letters, numbers, dots or underscores.' } },
      check: {
        email: (email) => database.all('SELECT 1 FROM users WHERE email = ?', [email]).length > 0 ? 'This email is taken.' : undefined
      },
      initial: () => ({ activation_key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }),
      render: (request, _reply, form) => page(request, 'Account', html`
        <form method="post">
          ${token(request)}
          ${(['username', 'email'] as const).map((name) => {
            const field = form.field(name)
            return html`<p><label for="${field.id}">${field.label}</label> <input ${field.attributes}> <span id="${field.errorId}">${field.errors}</span></p>`
          })}
          <input ${form.field('activation_key').attributes}>
          <button>Send</button>
        </form>`)
    }
  }, async (request) => request.form.ok && { welcome: request.form.values.username })
}
// #endregion form
