/**
 * An application of all plugins, on a real port, asked over real HTTP: what it answered, by what was asked. `load` imports or requires a package;
 * `assets` is a folder that holds `app.js`. Nothing is imported here, so that it can be copied to where only the packed package is installed.
 */
export async function probe (load, assets) {
  const plugins = await pluginsFrom(load)
  const app = await build(plugins, assets)
  try {
    await app.listen({ port: 0, host: '127.0.0.1' })
    return await ask(`http://127.0.0.1:${app.server.address().port}`)
  } finally {
    await app.close()
  }
}

async function pluginsFrom (load) {
  const { default: Fastify } = await load('fastify')
  const { default: multipart } = await load('@fastify/multipart')
  const { csrf, generateKey } = await load('fastify-bulwark/csrf')
  const { files } = await load('fastify-bulwark/files')
  const { headers, secureServerOptions } = await load('fastify-bulwark/headers')
  const { f, input } = await load('fastify-bulwark/input')
  const { integrity } = await load('fastify-bulwark/integrity')
  const { redirect } = await load('fastify-bulwark/redirect')
  const { requireLogin, session } = await load('fastify-bulwark/session')
  const { transport } = await load('fastify-bulwark/transport')
  const { Type } = await load('typebox')
  return { Fastify, Type, csrf, f, files, generateKey, headers, input, integrity, multipart, redirect, requireLogin, secureServerOptions, session, transport }
}

async function build ({ Fastify, Type, csrf, f, files, generateKey, headers, input, integrity, multipart, redirect, requireLogin, secureServerOptions, session, transport }, assets) {
  const app = Fastify({ ...secureServerOptions(), trustProxy: 'loopback' })
  await app.register(headers)
  await app.register(transport, { hosts: ['app.test'] })
  await app.register(integrity, { roots: [{ root: assets, prefix: '/assets/' }] })
  await app.register(session, { keys: [generateKey()] })
  await app.register(csrf, { origin: 'https://app.test', keys: [generateKey()] })
  await app.register(input)
  await app.register(multipart)
  await app.register(files)
  await app.register(redirect, { origin: 'https://app.test' })

  app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html><title>Page</title>${app.integrity.for(request).scriptTag('/assets/app.js')}`))
  app.post('/login', async (request) => {
    await request.session.login('42')
    return { ok: true }
  })
  app.get('/me', { preHandler: requireLogin }, async (request) => ({ user: request.session.userId }))
  app.post('/name', { schema: { body: Type.Object({ name: f.text({ max: 20 }) }) }, form: { accepts: ['form', 'json'] } }, async (request) => request.body)
  app.post('/file', { schema: { body: Type.Object({ file: f.file({ types: ['txt'], maxSize: 1000 }) }) }, form: { accepts: ['form'] } }, async (request) => ({ type: request.form.values.file.type }))
  app.get('/go', (request, reply) => reply.safeRedirect(request.query.to, { fallback: '/' }))
  return app
}

async function ask (address) {
  const proxy = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.test' }
  const send = (path, { headers, ...options } = {}) => fetch(address + path, { redirect: 'manual', headers: { ...proxy, ...headers }, ...options })
  const post = (path, body, headers) => send(path, { method: 'POST', body, headers: { origin: 'https://app.test', ...headers } })
  const upload = (name) => {
    const body = new FormData()
    body.append('file', new Blob(['text'], { type: 'text/plain' }), name)
    return body
  }

  const page = await send('/')
  const html = await page.text()
  const [, nonce] = /nonce="([^"]{22,})"/.exec(html) ?? []
  const login = await post('/login', '')
  const cookie = login.headers.get('set-cookie')?.split(';')[0]
  const name = (value) => post('/name', new URLSearchParams({ name: value }))
  return {
    page: [page.status, nonce !== undefined && page.headers.get('content-security-policy').includes(`'nonce-${nonce}'`), /integrity="sha\d+-/.test(html)],
    plain: (await send('/', { headers: { 'x-forwarded-proto': 'http' } })).status,
    login: [login.status, cookie?.split('=')[0]],
    me: await (await send('/me', { headers: { cookie } })).json(),
    stranger: (await send('/me', { headers: { cookie: `${cookie.slice(0, -6)}AAAAAA` } })).status,
    'cross-site': (await post('/login', '', { origin: 'https://evil.test' })).status,
    name: await (await name('Ada')).json(),
    'wrong name': (await name('x'.repeat(21))).status,
    upload: await (await post('/file', upload('a.txt'))).json(),
    'wrong upload': (await post('/file', upload('a.png'))).status,
    redirect: (await send('/go?to=/me')).headers.get('location'),
    'redirect away': (await send('/go?to=//evil.test')).headers.get('location')
  }
}

/** What `probe` gives where everything works. */
export const WORKS = {
  page: [200, true, true],
  plain: 403,
  login: [200, '__Host-session'],
  me: { user: '42' },
  stranger: 401,
  'cross-site': 403,
  name: { name: 'Ada' },
  'wrong name': 422,
  upload: { type: 'txt' },
  'wrong upload': 422,
  redirect: 'https://app.test/me',
  'redirect away': 'https://app.test/'
}
