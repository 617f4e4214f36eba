import { createRequire } from 'node:module'
import Fastify from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { costOf } from '../../lib/input/regex-cost.ts'
import { parsePattern } from '../../lib/input/regex-syntax.ts'
import { lintSchema } from '../../lib/input/schema-lint.ts'
import { readNode } from '../../lib/input/schema-node.ts'
import { shape } from '../../lib/input/shape.ts'
import { input } from '../../plugins/input.ts'

// Patterns that take for ever (CWE-1333). `recheck` proves its verdict with an attack, and with the power of the length that its steps are; its pure engine needs no
// program beside it. Nothing here is measured in time.

process.env['RECHECK_BACKEND'] = 'pure'
interface Verdict { readonly status: string, readonly complexity?: { readonly type: string, readonly degree?: number }, readonly attack?: { readonly string: string } }
const { checkSync } = createRequire(import.meta.url)('recheck') as { checkSync (source: string, flags: string, options: object): Verdict }
const verdicts = new Map<string, Verdict>()

function recheck (pattern: string): Verdict {
  const verdict = verdicts.get(pattern) ?? checkSync(pattern, 'u', { timeout: 5000 })
  verdicts.set(pattern, verdict)
  return verdict
}

/** Steps that the lint admits. */
const MOST_STEPS = 1_000_000

/** Known from advisories and textbooks: each doubles its steps with every character or two. */
const EXPONENTIAL = String.raw`
^(a+)+$
^(a|a)*$
^(a|aa)+$
^([a-zA-Z]+)*$
^(\w+\s?)*$
^(\d+,?)*$
^(([a-z])+.)+[A-Z]([a-z])+$
^(x+x+)+y$
^([0-9]+[,.]?)*$
^(\/?[\w-]+)+$
^([\w-]+\.?)+$
^(?:\s|\d|\w|_)*x$
`.trim().split('\n')

/** Each takes a power of the length. */
const POLYNOMIAL = String.raw`
^a*a*a*$
^.*\d+$
^\d*\.?\d*\d$
^\s*\w*\s*\w*\s*$
^\s*(.*?)\s*$
^(.+)=(.+)$
`.trim().split('\n')

/** From forms, standards and questions on the web; the two agree that they take one look at the text. */
const SAFE = String.raw`
^(a|ab)*$
^((ab)*|(a|b)*)$
^([^"]|\\")*$
^(?:[^"\\]|\\.)*$
^"(?:[^"\\]|\\.)*"$
^[\w.%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$
^(\d{1,3}\.){3}\d{1,3}$
^(?:(?:25[0-5]|2[0-4]\d|[01]?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|[01]?\d?\d)$
^\d{4}-\d{2}-\d{2}$
^[+]?[(]?[0-9]{3}[)]?[-\s.]?[0-9]{3}[-\s.]?[0-9]{4,6}$
^\+?[1-9]\d{1,14}$
^#?([a-f0-9]{6}|[a-f0-9]{3})$
^[a-z0-9]+(?:[._-][a-z0-9]+)*$
^[A-Z][a-z]+(?: [A-Z][a-z]+)*$
^[A-Z][a-z]*( ?[A-Z][a-z]*)*$
^\s*\S.*\S\s*$
^(\s|\S)*$
^[\s\S]*$
^(?:[a-z]|[0-9])*$
^(x|y|z)+$
^(?:a{2}){3,5}$
^(?:\d+|\d+\.\d+)$
^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$
^(?:\d{1,3},)*\d{3}$
^\$?\d{1,3}(,?\d{3})*(\.\d{2})?$
^([A-Za-z0-9+\/]{4})*([A-Za-z0-9+\/]{3}=|[A-Za-z0-9+\/]{2}==)?$
^[A-Za-z0-9+\/]*={0,2}$
^[\w-]+\.[\w-]+\.[\w-]+$
^(?:[\w-]+\.)+[\w-]+$
^(\/[\w-]+)+\/?$
^(?:\/[^\/]+)*\/?$
^(?:[^,]*,)*[^,]*$
^(?:\w+, )*\w+$
^\w+(?:,\s*\w+)*$
^\w+(?:\s*,\s*\w+)*$
^<([a-z]+)>.*<\/[a-z]+>$
^<!--[\s\S]*?-->$
^(?:<[^>]+>)*$
^(<[^>]+>\s*)*$
^(?:a?){20}$
^(?:a?b?c)*$
^(?:ab?)*$
^(?:a(?:bc)?)*$
^(a*b)*$
^(a*b*c)*$
^(?:a+b+)+$
^(?:a+b*c)+$
^(?:.a)*$
^(?:.{2})*$
^(?:[^=;]+=[^=;]*;)*$
^[\p{L} '-]+$
^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$
^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14})$
^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?$
^(\d{1,2}):(\d{2})(?::(\d{2}))?\s?(AM|PM)?$
^([a-z]+\d+)+$
^(?:[a-z]+-)+$
`.trim().split('\n')

/** The same, of those on which they agree that they do not. */
const SLOW = String.raw`
^[^@]+@[^@]+\.[^@]+$
^[^@\s]+@[^@\s]+\.[^@\s]+$
^\S+@\S+\.\S+$
^.+@.+$
^\s*(.*?)\s*$
^\d*\.?\d*$
^\d*\.?\d+$
^(.+)=(.+)$
^(([a-z]*)*)*$
^(a|b|ab)*c$
^(a*)+$
^(a+)*b$
^(.*,)*$
^[a-z0-9]+([._-]?[a-z0-9]+)*$
^(?:\s|\d|\w)*$
^([a-z]|[a-z0-9])*$
^(?:aa|aaa)*$
^(?:a{2}|a{3})+$
^(?:\d+|\d+\.\d+)*$
^(\d+\.?)*$
^([0-9]+[,.]?)*$
^([\w-]+\.?)+$
^(\/?[\w-]+)+$
^\/(?:[^\/]+\/?)*$
^(\w+,?\s*)*$
^(?!.*(a+)+$).*$
^(?:a?a?)*$
^(?:a?b?c?)*$
^(?:a|bc|abc)*$
^(?:ab|bc|abc?)*$
^(a*b*)*$
^(?:a+b*)+$
^(?:.|..)*$
^[^=]+=[^=]*(?:;[^=]+=[^=]*)*$
^([^=;]+=[^=;]*;?)*$
^(?:\p{L}|\w)+$
^(?:\u{1f600}|.)*$
^([a-z]+\d*)+$
^(?:[a-z]+-?)+$
`.trim().split('\n')

/** The lint refuses them, and recheck finds nothing: each is written again beside it as the two agree on. */
const FALSE_ALARMS: ReadonlyArray<readonly [pattern: string, better: string, why: string]> = [
  ['^(a{0,10}){0,10}$', '^a{0,100}$', 'a number of repetitions in a number of repetitions is taken for a loop in a loop'],
  ['^([^,]*,?)*$', '^(?:[^,]*,)*[^,]*$', 'recheck counts as one the ways through an empty repetition, which end the loop']
]

const schemaOf = (pattern: string, maxLength: number): unknown => shape(Type.String({ pattern, maxLength }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body')
const isRefused = (pattern: string, maxLength: number): boolean => lintSchema(schemaOf(pattern, maxLength), 'body').some(({ code }) => code === 'costly')

/** The greatest length that the lint admits. */
function longest (pattern: string): number {
  let [least, most] = [0, 100_000]
  while (most - least > 1) {
    const middle = (least + most) >> 1
    if (isRefused(pattern, middle)) most = middle
    else least = middle
  }
  return least
}

t.test('the lint refuses what doubles its steps, however short the text may be', async (t) => {
  t.ok(EXPONENTIAL.length >= 12)
  for (const pattern of EXPONENTIAL) {
    const { complexity, attack } = recheck(pattern)
    t.equal(complexity?.type, 'exponential', `${pattern}: so says recheck`)
    t.ok(attack!.string.length < 200, `${pattern}: ${attack!.string.length} characters are enough for its attack`)
    for (const maxLength of [1000, 100, 30]) t.ok(isRefused(pattern, maxLength), `${pattern}: refused with ${maxLength} characters`)
    const app = Fastify()
    await app.register(input)
    app.post('/', { schema: { body: Type.Object({ a: Type.String({ pattern, maxLength: 100 }) }) } }, () => '')
    await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_INPUT_SCHEMA_WEAK', message: /ReDoS/ }, pattern)
  }
})

t.test('what takes a power of the length is admitted as long as the steps are few, and no longer', async (t) => {
  for (const pattern of POLYNOMIAL) {
    const { complexity, attack } = recheck(pattern)
    t.equal(complexity?.type, 'polynomial', `${pattern}: so says recheck`)
    const most = longest(pattern)
    t.ok(most >= 10 && !isRefused(pattern, most) && isRefused(pattern, most + 1), `${pattern}: up to ${most} characters`)
    t.ok(most ** complexity!.degree! <= MOST_STEPS, `${pattern}: they take ${most} to the power of ${complexity!.degree} steps`)
    t.ok(attack!.string.length > most * 2, `${pattern}: the attack has ${attack!.string.length}`)
  }
})

t.test('of 100 KB, no character comes to a pattern', async (t) => {
  const original = RegExp.prototype.exec
  let steps = 0
  const replace = (exec: (this: RegExp, text: string) => RegExpExecArray | null): unknown => Reflect.set(RegExp.prototype, 'exec', exec)
  t.teardown(() => replace(original))
  for (const pattern of [...POLYNOMIAL, ...EXPONENTIAL]) {
    const attack = recheck(pattern).attack!.string
    const text = attack.slice(0, -1).padEnd(100_000, attack.slice(0, 1)) + attack.slice(-1)
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(input, { lint: 'off' })
    const body = Type.Object({ a: Type.String({ pattern, maxLength: 50 }) })
    app.post('/', { schema: { body } }, () => '')
    await app.ready()
    const { source } = (readNode(schemaOf(pattern, 50)) as { pattern: RegExp }).pattern
    // Whatever tests a text comes through here, as long as it is not the original.
    replace(function (given) {
      if (this.source === source) steps += given.length
      return original.call(this, given)
    })
    for (const [payload, type] of [[JSON.stringify({ a: text }), 'application/json'], [new URLSearchParams({ a: text }).toString(), 'application/x-www-form-urlencoded']] as const) {
      const reply = await app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': type } })
      t.equal(reply.statusCode, 422, pattern)
    }
    t.equal(steps, 0, `${pattern}: nothing of a text that is too long`)
    await app.inject({ method: 'POST', url: '/', payload: { a: 'a1' } })
    t.ok(steps > 0, `${pattern}: and a text that is short enough, whole`)
    replace(original)
    steps = 0
  }
})

t.test('the lint and recheck agree', async (t) => {
  t.ok(SAFE.length + SLOW.length >= 80)
  for (const pattern of SAFE) {
    t.equal(costOf(parsePattern(pattern)).growth, 'linear', pattern)
    t.equal(recheck(pattern).status, 'safe', `${pattern}: recheck`)
  }
  for (const pattern of SLOW) {
    const { status, complexity } = recheck(pattern)
    t.same([status, complexity?.type], ['vulnerable', costOf(parsePattern(pattern)).growth], `${pattern}: recheck`)
  }
})

t.test('where they do not, the lint is the stricter', async (t) => {
  for (const [pattern, better, why] of FALSE_ALARMS) {
    t.same([costOf(parsePattern(pattern)).growth, recheck(pattern).status], ['exponential', 'safe'], `${pattern}: ${why}`)
    t.same([costOf(parsePattern(better)).growth, recheck(better).status], ['linear', 'safe'], `${better}: is written in its place`)
  }
  t.same([costOf(parsePattern('^(.*?,){11}P$')).growth, recheck('^(.*,.*,.*,)$').complexity?.type], ['exponential', 'polynomial'], 'the eleventh power is no better than doubling')
  // What is not held at its start is tried from every place: the lint refuses it for that.
  t.same(lintSchema(schemaOf('^\\s+|\\s+$', 100), 'body').map(({ code }) => code), ['unanchored'])
  t.equal(recheck('^\\s+|\\s+$').complexity?.type, 'polynomial')
})

t.test('a look behind a loop, or in one, is looked again at each of its places', async (t) => {
  for (const [pattern, growth] of [
    ['^[a-z]*(?=[a-z]*\\d)x$', 'polynomial'], ['^(?:(?=a*)a)+$', 'polynomial'], ['^(?:(?<=a*)a)+$', 'polynomial'], ['^a*(?=(a+)+$)b$', 'exponential'],
    ['^(?=.*[a-z])(?=.*\\d).{8,}$', 'linear'], ['^(?!.*\\.\\.)[a-z.]+$', 'linear'], ['^[a-z-]+(?<!-)$', 'linear'], ['^(?:(?=a)a)+$', 'linear']
  ] as const) t.equal(costOf(parsePattern(pattern)).growth, growth, pattern)
})
