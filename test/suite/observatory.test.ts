import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import Fastify, { type FastifyInstance } from 'fastify'
import { headers } from 'fastify-bulwark/headers'
import t, { type Test } from 'tap'
import { rooms } from '../../docs/demo/rooms.ts'
import { build as demonstration } from '../../docs/demo/server.ts'
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

/** The version that is installed, as package.json in its folder says. */
function versionOf (name: string): string {
  return (JSON.parse(readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as { version: string }).version
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

  async function assess (t: Test, app: FastifyInstance): Promise<{ score: number, grade: string, results: Record<string, number> }> {
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

  async function page (withHeaders: boolean, withNonce = false): Promise<FastifyInstance> {
    const app = Fastify({ https: { key, cert } }) as unknown as FastifyInstance
    if (withHeaders) await app.register(headers)
    app.get('/', (request, reply) => reply.type('text/html').send(`<!doctype html><html lang="en"><title>A page</title>${
      withNonce ? `<script nonce="${request.cspNonce}">document.title = 'ran'</script>` : ''}<p>Hello.`))
    return app
  }

  t.equal(ALGORITHM_VERSION, 4, 'the algorithm that the documentation quotes')

  await t.test('a bare server over https, so that it is known to find fault', async (t) => {
    const { score, grade } = await assess(t, await page(false))
    t.match({ score, grade }, { score: 30, grade: 'D' })
  })

  for (const withNonce of [false, true]) {
    await t.test(`the default set, ${withNonce ? 'nonce read' : 'no nonce read'}, without a cookie and without SRI`, async (t) => {
      const { score, grade, results } = await assess(t, await page(true, withNonce))
      t.ok(score >= 125, `${score} points`)
      t.equal(grade, 'A+')
      t.same(Object.entries(results).filter(([, modifier]) => modifier < 0), [], 'nothing to take off')
      t.comment(`${score} ${grade}`, results)
    })
  }

  await t.test('the demonstration site: all that a site can have which is not on the list of preloaded ones, as the front page says', async (t) => {
    const { score, grade, results } = await assess(t, await demonstration({ https: { key, cert } }))
    t.same({ score, grade, lost: Object.entries(results).filter(([, modifier]) => modifier < 0) }, { score: 140, grade: 'A+', lost: [] }, JSON.stringify(results))
    const [, quoted, version, evaluator, date = ''] = /scores (\d+) on the MDN HTTP Observatory (\S+) over https, and csp_evaluator (\S+) finds nothing in the policy of any of its rooms \((\d{4}-\d\d-\d\d)\)/.exec(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')) ?? []
    t.same({ quoted, version, evaluator }, { quoted: String(score), version: versionOf(NAME), evaluator: versionOf('csp_evaluator') })
    t.ok(Date.parse(date) <= Date.now(), 'the day on which somebody last looked at it')
  })
})

t.test('csp_evaluator finds nothing in the policy of any room of the demonstration', async (t) => {
  const app = await demonstration()
  t.teardown(() => app.close())
  for (const path of ['/', ...rooms.map(({ path }) => path)]) {
    const policy = (await app.inject(path)).headers['content-security-policy']
    t.type(policy, 'string', path)
    const findings = new CspEvaluator(new CspParser(String(policy)).csp).evaluate()
    t.same(findings.filter(({ severity }) => severity !== Severity.NONE).map(({ directive, value, description }) => [directive, value, description]), [], path)
  }
})
