import { createHash } from 'node:crypto'
import { parseUrl } from '../parse-url.ts'

const STYLE = ':root{color-scheme:light dark}body{max-width:36rem;margin:4rem auto;padding:0 1.25rem;font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}' +
  'strong{display:block;font-size:1.25rem}code{font-size:.9rem}a{display:inline-block;padding:.6rem 1rem .6rem 0}'

/** The headers of the page: nothing is loaded, run, framed or kept, and the other site does not learn where its visitor came from. */
export const LEAVE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'no-store'
})

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape (text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!)
}

/** As long as a header of Node may be: a request to an identity provider holds a good deal. */
const LONGEST = 16_384

/** A whole URL of http or https; `undefined` for anything else, a user name before the host included. */
export function parseExternal (input: unknown): URL | undefined {
  if (typeof input !== 'string' || input.length > LONGEST) return undefined
  const url = parseUrl(input)
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined
}

/**
 * The page between the site and another one (ASVS 5.0 3.7.3). It goes nowhere by itself. Host and address are shown as the parser writes them, in
 * ASCII: a name in punycode cannot pass for another one, and no text runs from right to left.
 */
export function leavePage ({ href, host }: URL, home: string): string {
  const address = escape(href)
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>You are leaving this site</title><style>${STYLE}</style></head>
<body>
<h1>You are leaving this site</h1>
<p>The link leads to another site, which we do not run:</p>
<p><strong>${escape(host)}</strong> <code>${address}</code></p>
<p><a rel="noopener noreferrer nofollow" href="${address}">Continue to ${escape(host)}</a><br><a href="${escape(home)}">Stay here</a></p>
</body>
</html>
`
}
