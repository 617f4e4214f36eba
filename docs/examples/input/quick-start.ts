import Fastify from 'fastify'
import { f, html, input, type Form } from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'

const Account = Type.Object({
  username: f.username({ min: 3, max: 25 }),
  email: f.email(),
  activation_key: f.hidden(f.uuid())
})
const taken = async (email: string): Promise<boolean> => email === 'taken@example.com'

const page = (form: Form<Static<typeof Account>>) => html`<!doctype html>
<title>Account</title>
<form method="post">
  <p>${form.summary}</p>
  ${(['username', 'email'] as const).map((name) => {
    const field = form.field(name)
    return html`<p><label for="${field.id}">${field.label}</label> <input ${field.attributes}> <span id="${field.errorId}">${field.errors}</span></p>`
  })}
  <input ${form.field('activation_key').attributes}>
  <button>Send</button>
</form>`

const app = Fastify({ logger: true })
await app.register(input)

app.route({
  method: ['GET', 'POST'],
  url: '/account',
  schema: { body: Account },
  form: {
    accepts: ['form', 'json'],
    messages: { username: { pattern: 'Usernames must have only letters, numbers, dots or underscores.' } },
    check: { email: async (email) => await taken(email) ? 'This email is taken.' : undefined },
    initial: () => ({ activation_key: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }),
    render: (_request, _reply, form) => page(form)
  }
}, async (request) => request.form.ok && `Welcome, ${request.form.values.username}.`)

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
