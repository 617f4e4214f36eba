/** What the headers of security are for, and those that tell something about it. */
const MEANINGS: Readonly<Record<string, string>> = {
  'content-security-policy': 'Says what the page may load and run. `fastify-bulwark csp` explains it.',
  'content-security-policy-report-only': 'Reports what a policy would block, and blocks nothing.',
  'strict-transport-security': 'Makes browsers ask this host over https alone, for as many seconds.',
  'x-content-type-options': 'Keeps browsers from taking a reply for another type than it says.',
  'x-frame-options': 'Says who may show the page in a frame, to browsers that do not know frame-ancestors.',
  'referrer-policy': 'Says how much of the address other sites learn from a link.',
  'cross-origin-opener-policy': 'Cuts the tie between the page and windows of other sites.',
  'cross-origin-embedder-policy': 'Lets the page load only what agrees to be loaded by it.',
  'cross-origin-resource-policy': 'Says which sites may embed the reply.',
  'permissions-policy': 'Says which features, such as the camera, the page and its frames may use.',
  'origin-agent-cluster': 'Asks for a process apart from other origins of the site.',
  'integrity-policy': 'Blocks scripts and styles without integrity.',
  'integrity-policy-report-only': 'Reports scripts and styles without integrity.',
  'reporting-endpoints': 'Names the addresses that get reports.',
  'report-to': 'Names addresses for reports, in the older form.',
  nel: 'Asks for reports of failed connections.',
  'clear-site-data': 'Makes the browser forget what it keeps of the site.',
  'set-cookie': 'Stores a cookie. Its value is not shown here.',
  'access-control-allow-origin': 'Lets scripts of this other origin read the reply.',
  'access-control-allow-credentials': 'Lets that origin send cookies along.',
  'cache-control': 'Says who may keep the reply, and for how long.',
  vary: 'Says which request headers a cache must tell apart.',
  'x-xss-protection': 'Steers a filter that browsers no longer have; 0 is the only good value.',
  'x-dns-prefetch-control': 'Says whether browsers look up hosts of links ahead.',
  location: 'Leads on to another address.',
  server: 'Names the software of the server.',
  'x-powered-by': 'Names the software of the server.'
}

/** Headers that no browser of today acts on, and what stands in their place. */
const OBSOLETE: Readonly<Record<string, string>> = {
  'expect-ct': 'Browsers demand certificate transparency without it.',
  'public-key-pins': 'Browsers took it out, since it could lock a site up.',
  'feature-policy': 'Permissions-Policy stands in its place.',
  'x-download-options': 'Only Internet Explorer knew it.',
  'x-permitted-cross-domain-policies': 'Only Flash and PDF plug-ins knew it.',
  'x-content-security-policy': 'Content-Security-Policy stands in its place.',
  'x-webkit-csp': 'Content-Security-Policy stands in its place.',
  p3p: 'No browser reads it.',
  pragma: 'Cache-Control stands in its place.'
}

/** What a header is for; `undefined` for one that is not about security. `name` in lower case. */
export function meaningOfHeader (name: string): string | undefined {
  if (Object.hasOwn(OBSOLETE, name)) return `Has no effect any more. ${OBSOLETE[name]!}`
  return Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined
}

/** Why a header is obsolete; `undefined` for one that is not. */
export function obsolescenceOf (name: string): string | undefined {
  return Object.hasOwn(OBSOLETE, name) ? OBSOLETE[name] : undefined
}
