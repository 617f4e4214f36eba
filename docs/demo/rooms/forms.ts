import type { FastifyReply } from 'fastify'
import { f, input, type Form } from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'
import { openDatabase } from '../database.ts'
import { NASTY } from '../nasty-values.ts'
import type { Room } from '../room.ts'

const path = '/forms'
/** What is kept of what visitors enter: enough to see that it is kept. */
const MOST_USERS = 1000
const KEY = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

const Account = Type.Object({
  username: f.username({ min: 3, max: 25 }),
  email: f.email({ title: 'E-mail' }),
  password: f.secret({ min: 8 }),
  news: f.checkbox({ title: 'Tell me about news' }),
  activation_key: f.hidden(f.uuid())
})
const Query = Type.Object({ try: Type.Optional(f.integer({ min: 0, max: NASTY.length - 1 })), done: f.checkbox() })

/** The room of the plugin `input`: the form of the article, for browsers and for programs. */
export const room: Room = {
  path,
  title: 'Forms',
  summary: 'Forms and JSON through one schema: what is wrong is said beside the field, and what was entered is still there.',
  register: async (app, { live }) => {
    await app.register(input)
    const database = openDatabase()
    app.addHook('onClose', async () => { database.close() })

    const page = (reply: FastifyReply, form: Form<Static<typeof Account>>, query: Static<typeof Query>): FastifyReply => reply.view('forms.eta', {
      room: path, title: 'Forms', form, nasty: NASTY, done: query.done && !form.isSubmitted, liveId: live.remember(reply)
    })

    app.route({
      method: ['GET', 'POST'],
      url: path,
      schema: { body: Account, querystring: Query },
      form: {
        messages: { username: { pattern: 'Usernames must have only letters, numbers, dots or underscores, and begin with a letter.' } },
        check: {
          email: (email) => database.get('SELECT 1 FROM users WHERE email = ?', [email]) === null ? undefined : 'This email is taken.'
        },
        initial: (request) => {
          const { try: index } = request.query as Static<typeof Query>
          return { activation_key: KEY, ...index === undefined ? {} : { username: NASTY[index]!, email: NASTY[index]! } }
        },
        render: (request, reply, form) => page(reply, form, request.query as Static<typeof Query>)
      }
    }, async (request) => {
      if (!request.form.ok) return
      const { username, email } = request.form.values
      if (Number((database.get('SELECT count(*) AS n FROM users') as { n: number }).n) < MOST_USERS) database.run('INSERT INTO users (name, email) VALUES (?, ?)', [username, email])
      return request.form.redirect(`${path}?done=on`)
    })
  }
}
