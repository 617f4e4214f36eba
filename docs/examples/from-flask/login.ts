import type { FastifyInstance } from 'fastify'
import { f, html, password } from 'fastify-bulwark/input'
import { requireFresh, requireLogin } from 'fastify-bulwark/session'
import { Type } from 'typebox'
import { page, token } from './page.ts'
import type { Site } from './site.ts'

// #region login
const Login = Type.Object({ name: f.text({ max: 50 }), password: f.secret(), remember: f.checkbox() })

export function login (app: FastifyInstance, { users }: Site): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/login',
    schema: { body: Login },
    config: { security: { redirect: { field: 'next', fallback: '/me' } } },
    form: {
      accepts: ['form', 'json'],
      render: (request, _reply, form) => page(request, 'Sign in', html`
        <form method="post">
          ${token(request)}
          <p>${form.formErrors}</p>
          <p><label>Name <input ${form.field('name').attributes}></label></p>
          <p><label>Password <input ${form.field('password').attributes} autocomplete="current-password"></label></p>
          <p><label><input name="remember" type="checkbox"> Remember this device</label></p>
          <button>Sign in</button>
        </form>`)
    }
  }, async (request, reply) => {
    if (!request.form.ok) return
    const { name, password: secret, remember } = request.form.values
    const userId = await users.signIn(name, secret)
    if (userId === undefined) return request.form.fail('', 'Name or password is wrong.')
    await request.session.login(userId, { remember })
    return reply.safeRedirect(request.redirectTarget)
  })

  app.get('/me', { preHandler: requireLogin }, ({ session }) => ({ user: session.userId, remembered: session.remembered }))

  app.post('/logout', async (request, reply) => {
    await request.session.logout()
    return reply.redirect('/login', 303)
  })
  // #endregion login

  // #region fresh
  const Confirm = Type.Object({ password: f.secret() })
  const form = { accepts: ['json'] as const }

  app.post('/confirm', { schema: { body: Confirm }, form, preHandler: requireLogin }, async (request) => {
    if (!request.form.ok) return
    if (!await users.isPassword(request.session.userId!, request.form.values.password)) return request.form.fail('password', 'This is not the password.')
    await request.session.reauthenticate()
    return { ok: true }
  })

  app.post('/password', {
    schema: { body: Confirm },
    form: { ...form, check: { password: password({ min: 12 }) } },
    preHandler: requireFresh({ within: 300 })
  }, async (request) => {
    if (!request.form.ok) return
    await users.changePassword(request.session.userId!, request.form.values.password)
    return { ended: await app.sessions.revokeUser(request.session.userId!, { except: request.session.id }) }
  })
  // #endregion fresh
}
