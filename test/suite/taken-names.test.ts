import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { csrf } from '../../plugins/csrf.ts'
import { files } from '../../plugins/files.ts'
import { headers } from '../../plugins/headers.ts'
import { input } from '../../plugins/input.ts'
import { redirect } from '../../plugins/redirect.ts'
import { generateKey, session } from '../../plugins/session.ts'

// An application that has a decorator of its own by the name of ours must not start with half a plugin.

const keys = [generateKey()]
const taken: ReadonlyArray<readonly [name: string, register: (app: FastifyInstance) => unknown]> = [
  ['csrfToken', (app) => app.register(csrf, { keys, origin: 'https://app.test' })],
  ['uploads', (app) => app.register(files)],
  ['cspNonce', (app) => app.register(headers)],
  ['form', (app) => app.register(input)],
  ['isSafeRedirect', (app) => app.register(redirect, { localOnly: true })],
  ['session', (app) => app.register(session, { keys })]
]

for (const [name, register] of taken) {
  t.test(`request.${name} of the application`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close().catch(() => {}))
    app.decorateRequest(name, null)
    await t.rejects(async () => await register(app), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
  })
  t.test(`request.${name} of two scopes of one application, and of one within the other`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(async (first) => { await register(first) })
    await register(app)
    await app.register(async (second) => { await register(second) })
    await app.ready()
  })
}
