import t from 'tap'
import { csp, policyIn } from '../../../lib/cli/csp.ts'
import { plain } from '../../../lib/cli/paint.ts'
import { surroundings } from './surroundings.ts'

const STRICT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

async function run (policy: string, options: Record<string, string> = {}, stdin?: string): ReturnType<typeof csp.run> {
  return await csp.run({ options, operands: [policy] }, surroundings(stdin))
}

t.test('a policy is explained directive by directive, and its weaknesses are named', async (t) => {
  const { text, data, exitCode } = await run("script-src 'self' 'bogus'; img-src \x1b[31m")
  t.match(text(plain, 100), /^script-src {2}Which scripts run: .*\n {2}'self' +the origin of the page itself\n {2}'bogus' +no effect, see below$/m)
  t.notMatch(text(plain, 100), '\x1b')
  t.match(data, { policies: [{ directives: [{ name: 'script-src', means: String, expressions: [{ expression: "'self'", means: 'the origin of the page itself' }, { expression: "'bogus'", means: null }] }, { name: 'img-src' }] }] })
  t.equal(exitCode, 1)
})

t.test('several policies are told apart', async (t) => {
  const { text } = await run(`${STRICT}, img-src 'self'`)
  t.match(text(plain, 100), /^Policy 1 of 2: .*\n[\s\S]*\nPolicy 2 of 2: /)
})

t.test('a directive without expressions has no rows', async (t) => {
  t.match((await run(`${STRICT}; upgrade-insecure-requests`)).text(plain, 100), /\nupgrade-insecure-requests {2}Loads http addresses of the page over https\.\n\nNo findings\.$/)
})

const exitCodes: Array<[policy: string, failOn: string | undefined, exitCode: number]> = [
  [STRICT, undefined, 0],
  [STRICT, 'info', 0],
  ["default-src 'none'", undefined, 1],
  ["default-src 'none'", 'never', 0],
  ["default-src 'none'; base-uri 'none'", undefined, 0],
  ["default-src 'none'; base-uri 'none'", 'medium', 1]
]
for (const [policy, failOn, exitCode] of exitCodes) {
  t.test(`${policy} with --fail-on ${failOn ?? 'left out'} gives ${exitCode}`, async (t) => t.equal((await run(policy, failOn === undefined ? {} : { 'fail-on': failOn })).exitCode, exitCode))
}

const inputs: Array<[what: string, text: string, policy: string]> = [
  ['a policy', STRICT, STRICT],
  ['a policy in several lines', "default-src 'none';\n img-src a.test\n", "default-src 'none';\n img-src a.test\n"],
  ['the headers of a reply', `HTTP/2 200\r\ncontent-type: text/html\r\nContent-Security-Policy: ${STRICT}\r\n\r\n`, ` ${STRICT}`],
  ['several headers', 'content-security-policy: a\ncontent-security-policy: b', ' a, b'],
  ['the enforced one before the other', 'content-security-policy-report-only: a\ncontent-security-policy: b', ' b'],
  ['the one that is only reported', 'content-security-policy-report-only: a\nx: y', ' a'],
  ['what curl -v writes', `< content-security-policy: ${STRICT}\r\n`, ` ${STRICT}`],
  ['a reply without a policy', 'HTTP/1.1 200 OK\r\nx: default-src\r\n', '']
]
for (const [what, text, policy] of inputs) t.test(`found in ${what}`, async (t) => t.equal(policyIn(text), policy))

t.test('- reads from standard input', async (t) => {
  t.equal((await run('-', {}, `HTTP/1.1 200 OK\r\ncontent-security-policy: ${STRICT}\r\n\r\n`)).exitCode, 0)
  await t.rejects(run('-', {}, ''), { name: 'CommandError', message: 'There is no Content-Security-Policy in the input.' })
  await t.rejects(run('-', {}, 'HTTP/1.1 200 OK\r\nx: y\r\n\r\n'), { message: 'There is no Content-Security-Policy in the input.' })
})

t.test('a megabyte of lines is looked through once', async (t) => {
  await t.rejects(run('-', {}, '\n'.repeat(1_000_000)), { name: 'CommandError' })
  await t.rejects(run('-', {}, '< '.repeat(500_000)), { name: 'CommandError' })
})

t.test('a policy that its shell took apart, or that is huge, gives a sentence', async (t) => {
  await t.rejects(csp.run({ options: {}, operands: ['default-src', 'self'] }, surroundings()), { message: 'Expected one policy in quotation marks, or -, received 2 arguments.' })
  await t.rejects(run('a'.repeat(65_537)), { message: /longer than 65536 characters/ })
})

t.test('the worst input of the greatest length is read', async (t) => {
  for (const [unit, times] of [['a;', 32_000], [',x', 32_000], ['img-src *,', 6500], ["script-src 'x';", 4000], [`${'z'.repeat(60)} `, 1000]] as const) {
    await t.resolves(run(unit.repeat(times).slice(0, 65_536)), unit)
  }
})
