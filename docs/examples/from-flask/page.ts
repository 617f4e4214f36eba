import type { FastifyRequest } from 'fastify'
import { html, type Html } from 'fastify-bulwark/input'

const CHART = 'https://cdn.example/chart@4.4.1/chart.js'

// #region page
/** Every page of the site. What stands in it is escaped by its place. */
export function page (request: FastifyRequest, title: string, body: Html): Html {
  const { integrity } = request.server
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="stylesheet" href="/public/site.css" integrity="${integrity.of('/public/site.css')}" crossorigin>
<script nonce="${request.cspNonce}" src="/public/app.js" integrity="${integrity.of('/public/app.js')}" crossorigin defer></script>
<script nonce="${request.cspNonce}" src="https://cdn.example/chart@4.4.1/chart.js" integrity="${integrity.of(CHART)}" crossorigin defer></script>
<body>
<h1>${title}</h1>
${body}`
}
// #endregion page

// #region token
/** The first field of every form. */
export function token (request: FastifyRequest): Html {
  return html`<input type="hidden" name="_csrf" value="${request.csrfToken()}">`
}
// #endregion token
