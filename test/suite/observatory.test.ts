import { existsSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import t, { type Test } from 'tap'
import { makeCertificate } from '../browser/certificate.ts'

// The MDN HTTP Observatory, over TLS on this machine. Its `scan` knows no ports, so what it does is done here with its own parts.

const NAME = '@mdn/mdn-http-observatory'

/** A reply that the Observatory received, as far as the test reads it. */
interface Received {
  readonly status: number
  verified: boolean
}

interface Requests {
  readonly responses: { readonly auto: Received | null, readonly https: Received | null }
}

interface Verdict {
  readonly result: string | null
}

interface Retriever { retrieve (hostname: string, options: { httpPort: number, httpsPort: number }): Promise<Requests> }
interface Constants { readonly ALL_TESTS: ReadonlyArray<(requests: Requests) => Verdict>, readonly ALGORITHM_VERSION: number }
interface Grader { getScoreModifier (result: string): number, getGradeForScore (score: number): { score: number, grade: string } }
interface Charts { readonly MINIMUM_SCORE_FOR_EXTRA_CREDIT: number }

/** Where the package is, or nothing where it is not installed. */
function locate (): string | undefined {
  try {
    return import.meta.resolve(`${NAME}/package.json`)
  } catch {
    return undefined
  }
}

const location = locate()
const isCI = !['', 'false', '0', undefined].includes(process.env['CI'])
const skip = location === undefined && !isCI ? `${NAME} is not installed: \`npm ci\` installs it.` : false

t.test('MDN HTTP Observatory', { skip }, async (t) => {
  if (location === undefined) throw new Error(`${NAME} is not installed, and on a continuous integration server it must be.`)

  // The package's install script downloads the list of preloaded sites, and is not run. The test for HSTS reads the list; localhost is not on it.
  const preloaded = fileURLToPath(new URL('conf/hsts-preload.json', location))
  if (!existsSync(preloaded)) writeFileSync(preloaded, '{}\n')

  const load = async <Module>(path: string): Promise<Module> => await import(new URL(path, location).href)
  const { retrieve } = await load<Retriever>('src/retriever/retriever.js')
  const { ALL_TESTS, ALGORITHM_VERSION } = await load<Constants>('src/constants.js')
  const { getScoreModifier, getGradeForScore } = await load<Grader>('src/grader/grader.js')
  const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load<Charts>('src/grader/charts.js')

  const { key, cert } = makeCertificate()

  async function assess (t: Test, withHeaders: boolean, withNonce = false): Promise<{ score: number, grade: string, results: Record<string, number> }> {
    const app = Fastify({ https: { key, cert } })
    if (withHeaders) await app.register(headers)
    app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html><html lang="en"><title>A page</title>${
      withNonce ? `<script nonce="${request.cspNonce}">document.title = 'ran'</script>` : ''}<p>Hello.`))
    await app.listen({ port: 0, host: '127.0.0.1' })
    // Nobody listens for plain http, as behind a proxy that takes https alone: a port that was free a moment ago.
    const http = Fastify()
    await http.listen({ port: 0, host: '127.0.0.1' })
    const httpPort = (http.server.address() as AddressInfo).port
    await http.close()

    try {
      const requests = await retrieve('localhost', { httpPort, httpsPort: (app.server.address() as AddressInfo).port })
      const { auto, https } = requests.responses
      if (auto === null || https === null) throw new Error('The Observatory did not reach the server.')
      t.equal(auto.status, 200)
      // The certificate was made a moment ago and nobody vouches for it, which is not what is measured here.
      auto.verified = true
      https.verified = true

      const results: Record<string, number> = {}
      for (const { result } of ALL_TESTS.map((test) => test(requests))) {
        if (result !== null) results[result] = getScoreModifier(result)
      }
      const modifiers = Object.values(results)
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
      // Its rule: a bonus counts only for who has lost next to nothing.
      const uncurved = 100 + sum(modifiers.filter((value) => value < 0))
      return { ...getGradeForScore(uncurved >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? 100 + sum(modifiers) : uncurved), results }
    } finally {
      app.server.closeAllConnections()
      await app.close()
    }
  }

  t.equal(ALGORITHM_VERSION, 4, 'the algorithm that the documentation quotes')

  await t.test('a bare server over https, so that it is known to find fault', async (t) => {
    const { score, grade } = await assess(t, false)
    t.match({ score, grade }, { score: 30, grade: 'D' })
  })

  for (const withNonce of [false, true]) {
    await t.test(`the default set, ${withNonce ? 'nonce read' : 'no nonce read'}, without a cookie and without SRI`, async (t) => {
      const { score, grade, results } = await assess(t, true, withNonce)
      t.ok(score >= 125, `${score} points`)
      t.equal(grade, 'A+')
      t.same(Object.entries(results).filter(([, modifier]) => modifier < 0), [], 'nothing to take off')
      t.comment(`${score} ${grade}`, results)
    })
  }
})
