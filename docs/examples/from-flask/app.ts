import { resolve } from 'node:path'
import multipart from '@fastify/multipart'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { csrf } from 'fastify-bulwark/csrf'
import { files } from 'fastify-bulwark/files'
import { headers, secureServerOptions } from 'fastify-bulwark/headers'
import { input } from 'fastify-bulwark/input'
import { integrity } from 'fastify-bulwark/integrity'
import { redirect } from 'fastify-bulwark/redirect'
import { session } from 'fastify-bulwark/session'
import { transport } from 'fastify-bulwark/transport'
import { account } from './account.ts'
import { login } from './login.ts'
import { people } from './people.ts'
import { pictures } from './pictures.ts'
import type { Site } from './site.ts'
import { visits } from './visits.ts'

const folder = 'docs/examples/from-flask'

export async function build (site: Site): Promise<FastifyInstance> {
  // #region https
  // The proxy runs on this machine. Only what it says of the visitor counts.
  const app = Fastify({ https: site.tls ?? null, trustProxy: 'loopback', ...secureServerOptions() }) as unknown as FastifyInstance
  await app.register(transport, { hosts: [new URL(site.origin).host] })
  // #endregion https

  // #region headers
  await app.register(headers)
  // #endregion headers

  // #region integrity
  const root = resolve(`${folder}/public`)
  await app.register(integrity, { roots: [{ root, prefix: '/public/' }], lock: `${folder}/sri-lock.json` })
  await app.register(fastifyStatic, { root, prefix: '/public/' })
  // #endregion integrity

  // #region session
  await app.register(session, { keys: site.keys.session, store: site.store, idle: 1800, absolute: 43_200, loginPath: '/login' })
  // #endregion session

  // #region csrf
  await app.register(csrf, { origin: site.origin, keys: site.keys.csrf })
  // #endregion csrf

  // #region input
  await app.register(input)
  // #endregion input

  // #region files
  await app.register(multipart)
  await app.register(files)
  // #endregion files

  // #region redirect
  await app.register(redirect, { origin: site.origin })
  // #endregion redirect

  // #region routes
  for (const part of [account, login, people, pictures, visits]) part(app, site)
  return app
  // #endregion routes
}
