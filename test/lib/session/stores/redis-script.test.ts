import t from 'tap'
import * as devices from '../../../../lib/session/stores/redis-remember-scripts.ts'
import * as registry from '../../../../lib/session/stores/redis-registry-scripts.ts'
import { scriptOf } from '../../../../lib/session/stores/redis-script.ts'

// What they do is shown on real servers, in test/services. Here is what can be read in them.

const all = [...Object.entries(registry), ...Object.entries(devices).map(([name, script]) => [`remember ${name}`, script] as const)]

t.test('no two scripts have the same name on the server', async (t) => {
  t.equal(new Set(all.map(([, { sha }]) => sha)).size, all.length)
})

t.test('every key stands behind KEYS[1], which decides the slot of a cluster', async (t) => {
  for (const [name, { text }] of all) {
    t.equal(text.match(/KEYS/g)?.length, 1, `${name} takes KEYS[1] and no other`)
    const keys = [...text.matchAll(/'(?:[a-z]|room):?'/g)].length
    t.ok(keys > 0, name)
    t.notMatch(text, /(?<!P \.\. )'[sudcrv]:'/, `${name} builds no key without it`)
  }
})

t.test('no script asks for anything that grows with the number of users', async (t) => {
  for (const [name, { text }] of all) t.notMatch(text, /'(?:KEYS|SCAN|RANDOMKEY|FLUSH\w+)'/, name)
})

t.test('a script has the name that Redis gives it', async (t) => {
  const { text, sha } = scriptOf('return 1')
  t.match(text, /\nreturn 1$/)
  t.match(sha, /^[0-9a-f]{40}$/)
  t.equal(scriptOf('return 1').sha, sha)
  t.not(scriptOf('return 2').sha, sha)
})
