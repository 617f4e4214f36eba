import { resolveRedirect } from 'fastify-bulwark/redirect'
import t from 'tap'
import { corpus } from '../lib/redirect/arbitrary-target.ts'
import { skip } from './chromium.ts'
import { browserIn, INSIDE, originOf, RULES, sample, visit, world } from './redirect-world.ts'

const LEAST = 300
const PER_GROUP = 8

t.test('the corpus in Chromium', { skip }, async (t) => {
  const plain = await world(t)
  const browser = await browserIn(t, plain)

  await t.test('a sample of the corpus: no redirect of the guard leads elsewhere', async (t) => {
    const cases = sample(PER_GROUP)
    t.ok(cases.length >= LEAST, `${cases.length} targets`)
    t.same([...new Set(corpus.map(({ why }) => why))].filter((why) => !cases.some(({ line }) => line.why === why)), [], 'one of every kind at least')
    const { page, visited } = await visit(t, browser)
    const faults: unknown[] = []
    let followed = 0
    for (const { index, line } of cases) {
      // Some by a handler that looks, the others by one that does not.
      const path = index % 2 === 0 ? 'safe' : 'plain'
      visited.length = 0
      const response = await page.goto(`https://app.test/${path}/case-${index}`, { waitUntil: 'commit' })
      const left = visited.filter((url) => !INSIDE.includes(originOf(url)))
      if (left.length > 0 || !INSIDE.includes(originOf(page.url()))) faults.push({ line, path, left, at: page.url() })
      const wanted = resolveRedirect(line.payload, RULES).ok ? 200 : 400
      if (response?.status() !== wanted) faults.push({ line, path, status: response?.status(), at: page.url() })
      if (wanted === 200) followed++
    }
    t.same(faults, [])
    t.ok(followed > 40, `${followed} of them were followed`)
    t.same(plain.asked.filter(({ url }) => !INSIDE.includes(originOf(url))), [], 'no other host was asked for anything')
  })
})
