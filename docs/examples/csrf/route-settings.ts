import Fastify, { type FastifyInstance } from 'fastify'
import { csrf, generateKey } from 'fastify-bulwark/csrf'

export async function build (): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })

  // #region routes
  // An identity provider (SAML, OpenID Connect with form_post) or a payment service has the browser post to this route.
  app.post('/login/return', { config: { security: { csrf: { trustedOrigins: ['https://id.example'] } } } }, () => 'logged in')

  // A program posts here that proves by a signature who it is.
  app.post('/webhooks/payment', { config: { security: { csrf: false } } }, () => 'thank you')

  // An old link that changes something, and cannot be made a form.
  app.get('/unsubscribe', { config: { security: { csrf: 'strict' } } }, () => 'unsubscribed')

  // Worth a second proof.
  app.post('/account/delete', { config: { security: { csrf: 'token' } } }, () => 'deleted')
  // #endregion routes

  return app
}
