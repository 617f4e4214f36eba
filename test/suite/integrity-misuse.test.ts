import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import { integrity } from '../../plugins/integrity.ts'
import { folderWith } from '../lib/integrity/folder.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'

// A wrong option never starts: what is misspelt, of a wrong type, refused by a specification or not there.

const UNKNOWN = 'BULWARK_ERR_INTEGRITY_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_INTEGRITY_OPTION_INVALID'
const ROOT = 'BULWARK_ERR_INTEGRITY_ROOT_UNREADABLE'
const LOCK = 'BULWARK_ERR_INTEGRITY_LOCK_INVALID'
const VITE = 'BULWARK_ERR_INTEGRITY_VITE_INVALID'

const folder = folderWith(t, { 'a.js': '', 'b.js': '', 'lock.json': '{}', 'no.json': SECRET, 'manifest.json': '{"a":{"file":"c.js"}}' })
const root = (more: object): object => ({ roots: [{ root: folder, ...more }] })

const cases: readonly Misuse[] = [
  ['an option that is misspelt', { root: folder }, UNKNOWN, 'integrity.root', '`roots`'],
  ["an option of Fastify's own", { prefix: '/a' }, UNKNOWN, 'integrity.prefix', 'The names are'],
  ['a root that is no list', { roots: folder }, INVALID, 'integrity.roots', 'an array'],
  ['a root that is a path', { roots: [folder] }, INVALID, 'integrity.roots.0', 'an object'],
  ['a root without its folder', { roots: [{ prefix: '/' }] }, INVALID, 'integrity.roots.0.root', 'a path'],
  ['a root that is empty', { roots: [{ root: '' }] }, INVALID, 'integrity.roots.0.root', 'a path'],
  ['a root on another site', { roots: [{ root: new URL('https://a.test/') }] }, INVALID, 'integrity.roots.0.root', '`file:`'],
  ['a root with a misspelt prefix', root({ perfix: '/' }), UNKNOWN, 'integrity.roots.0.perfix', '`prefix`'],
  ['a prefix without its slash', root({ prefix: 'public' }), INVALID, 'integrity.roots.0.prefix', 'begins with `/`'],
  ['a prefix on another site', root({ prefix: '//a.test/' }), INVALID, 'integrity.roots.0.prefix', 'begins with `/`'],
  ['a prefix with dot segments', root({ prefix: '/a/../b' }), INVALID, 'integrity.roots.0.prefix', 'dot segments'],
  ['a prefix that is not encoded', root({ prefix: '/ä' }), INVALID, 'integrity.roots.0.prefix', 'percent-encoded'],
  ['a prefix with a query', root({ prefix: '/a?b' }), INVALID, 'integrity.roots.0.prefix', 'query'],
  ['a folder that is not there', { roots: [{ root: join(folder, 'nowhere') }] }, ROOT, 'nowhere', 'expected a folder'],
  ['a file for a folder', { roots: [{ root: join(folder, 'a.js') }] }, ROOT, 'a.js', 'expected a folder'],
  ['a folder that holds too much', { ...root({}), maxFiles: 1 }, ROOT, 'integrity.roots', '`maxFiles`'],
  ['a mode that is misspelt', { mode: 'prod' }, INVALID, 'integrity.mode', "`'production'`"],
  ['a way with the unknown that lets it pass', { unknown: 'allow' }, INVALID, 'integrity.unknown', "`'throw'` or `'block'`"],
  ['an extension without its dot', { extensions: ['js'] }, INVALID, 'integrity.extensions.0', 'an end of names'],
  ['a file size of nothing', { maxFileSize: 0 }, INVALID, 'integrity.maxFileSize', 'an integer from 1'],
  ['a file size as text', { maxFileSize: '1mb' }, INVALID, 'integrity.maxFileSize', 'an integer from 1'],
  ['a number of files that is none', { maxFiles: NaN }, INVALID, 'integrity.maxFiles', 'an integer from 1'],
  ['an interval of half a second', { checkInterval: 0.5 }, INVALID, 'integrity.checkInterval', 'an integer from 0'],
  ['an interval that no timer can hold', { checkInterval: 1e9 }, INVALID, 'integrity.checkInterval', 'to 86400'],
  ['a lock that is a flag', { lock: true }, INVALID, 'integrity.lock', 'or `false`'],
  ['a lock file that is not there', { lock: join(folder, 'nowhere.json') }, LOCK, 'integrity.lock', 'can be read'],
  ['a lock file that is none', { lock: join(folder, 'lock.json') }, LOCK, 'integrity.lock', 'expected'],
  ['a lock file that is no JSON', { lock: join(folder, 'no.json') }, LOCK, 'integrity.lock', 'JSON'],
  ['a build that is a path', { vite: folder }, INVALID, 'integrity.vite', 'an object'],
  ['a build without its manifest', { vite: {} }, INVALID, 'integrity.vite', /manifest|expected/],
  ['a base that depends on the page', { vite: { manifest: join(folder, 'manifest.json'), base: './' } }, INVALID, 'integrity.vite.base', 'begins with `/`'],
  ['a manifest that is not there', { vite: { manifest: join(folder, 'nowhere.json') } }, VITE, 'integrity.vite.manifest', 'can be read'],
  ['a manifest that is no JSON', { vite: { manifest: join(folder, 'no.json') } }, VITE, 'integrity.vite.manifest', 'JSON'],
  ['a build that is not served', { ...root({}), vite: { manifest: join(folder, 'manifest.json') } }, VITE, '/c.js', '`vite.base`'],
  ['a policy as a flag', { integrityPolicy: true }, INVALID, 'integrity.integrityPolicy', '`false`'],
  ['a policy in the syntax of the header', { integrityPolicy: 'blocked-destinations=(script)' }, INVALID, 'integrity.integrityPolicy', 'an object'],
  ['a policy with the name of the header', { integrityPolicy: { 'blocked-destinations': ['script'] } }, UNKNOWN, 'integrity.integrityPolicy.blocked-destinations', '`blockedDestinations`'],
  ['a destination that is none', { integrityPolicy: { blockedDestinations: ['scripts'] } }, INVALID, 'blockedDestinations.0', "`'script'`"],
  ['a policy that blocks nothing', { integrityPolicy: { blockedDestinations: [] } }, INVALID, 'blockedDestinations', /expected/],
  ['an endpoint that is an address', { integrityPolicyReportOnly: { endpoints: [`https://${SECRET}.test/`] } }, INVALID, 'integrityPolicyReportOnly.endpoints[0]', 'a name']
]

for (const entry of cases) {
  const [what, option] = entry
  t.test(what, async (t) => {
    const app = Fastify()
    app.register(integrity, option)
    checkMisuse(t, await failureOf(app), entry)
  })
}

for (const [what, setting, code] of [
  ['a setting of a route that is true', true, INVALID],
  ['an option that is for the application', { roots: [] }, UNKNOWN],
  ['an endpoint of a route that is none', { integrityPolicy: { endpoints: ['A'] } }, INVALID]
] as const) {
  t.test(what, async (t) => {
    const app = Fastify()
    await app.register(integrity)
    app.get('/', { config: { security: { integrity: setting } } as object }, () => '')
    await t.rejects(async () => app.ready(), { code, message: /config\.security\.integrity.*\(route GET \/\)/ })
  })
}
