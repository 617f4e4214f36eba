import t from 'tap'
import * as scripts from '../../../../lib/session/stores/redis-remember-scripts.ts'

// What they do is shown on real servers, in test/services.

t.test('every script says what its arguments are and takes no more', async (t) => {
  for (const [name, { text }] of Object.entries(scripts)) {
    const numbers = [...text.matchAll(/ARGV\[(\d+)\]/g)].map(([, number]) => Number(number))
    t.equal(new Set(numbers).size, Math.max(...numbers), `${name} uses every argument`)
  }
})
