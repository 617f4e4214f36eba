import { html, safeJson, type Html } from 'fastify-bulwark/input'

// #region contexts
export const profile = (user: { name: string, site: string, tags: string[] }, nonce: string): Html => html`
<h1>${user.name}</h1>
<p title="${user.name}"><a href="${user.site}">Web site</a> <a href="/search?q=${encodeURIComponent(user.name)}">Search</a></p>
<ul>${user.tags.map((tag) => html`<li>${tag}</li>`)}</ul>
<script type="application/json" id="user">${safeJson(user)}</script>
<script nonce="${nonce}" src="/app.js"></script>`
// #endregion contexts
