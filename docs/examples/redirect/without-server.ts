import { isSafeRedirect, resolveRedirect, type ResolveOptions } from 'fastify-bulwark/redirect'

// #region resolve
const options: ResolveOptions = { origin: 'https://app.example', hosts: ['*.docs.example'] }

const resolution = resolveRedirect('/account?tab=1', options)
if (resolution.ok) console.log(resolution.href, resolution.kind)
else console.log(resolution.reason)

console.log(isSafeRedirect('//evil.example', options))
// #endregion resolve
