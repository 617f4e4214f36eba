import Fastify, { type FastifyInstance } from 'fastify'
import { equalTo, f, input, password } from 'fastify-bulwark/input'
import { Type } from 'typebox'

export interface Users {
  exists (email: string, signal: AbortSignal): Promise<boolean>
  /** Throws an error with `code` `'23505'`, as PostgreSQL does, when the unique index on the address objects. */
  create (values: object): Promise<void>
}

export async function build (users: Users, range: (prefix: string, signal: AbortSignal) => Promise<string>): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(input)
  // #region sign-up
  const SignUp = Type.Object({ email: f.email(), password: f.secret({ max: 128 }), again: f.secret({ max: 128 }) })

  app.post('/sign-up', {
    schema: { body: SignUp },
    form: {
      filters: { email: (email) => email.toLowerCase() },
      check: {
        again: equalTo('password', 'Passwords must match.'),
        email: async (email, { signal }) => await users.exists(email, signal) ? 'taken' : undefined,
        password: password({ min: 12, context: (_request, { email }) => String(email).split('@'), breached: (prefix, { signal }) => range(prefix, signal) })
      }
    }
  }, async (request) => {
    if (!request.form.ok) return
    try {
      await users.create(request.form.values)
    } catch (error) {
      // Somebody else was faster between the check and here: the unique index has the last word.
      if ((error as { code?: string }).code === '23505') return request.form.fail('email', 'taken')
      throw error
    }
    return request.form.redirect('/welcome')
  })
  // #endregion sign-up
  return app
}
