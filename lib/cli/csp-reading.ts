import { BoundedCache } from '../bounded-cache.ts'
import { DIRECTIVE_NAMES, hasSources, isObsolete, isSingle, kindOfDirective, mayBeEmpty, type DirectiveName } from '../headers/csp-directives.ts'
import { lintParsed } from '../headers/csp-lint.ts'
import type { Policy } from '../headers/csp-policy.ts'
import { faultOf, NONCE } from '../headers/csp-sources.ts'
import { bySeverity, finding, type Finding } from '../headers/finding.ts'
import { nearestName } from '../nearest-name.ts'

/** An expression as it was written, and as a browser takes it: not at all, where that is `undefined`. */
export interface WrittenExpression {
  readonly text: string
  readonly known: string | undefined
}

/** One directive as it was written. */
export interface WrittenDirective {
  readonly name: DirectiveName
  readonly expressions: readonly WrittenExpression[]
}

/** A policy as a browser reads it. */
export interface Reading {
  readonly directives: readonly WrittenDirective[]
  /** What is in force: the expressions that a browser understands, nonces as `'nonce'`. */
  readonly policy: Policy
  /** What a browser passes over, and other faults of the writing. */
  readonly faults: readonly Finding[]
}

/**
 * Reads policies as a browser does (CSP3 §2.2.2): a comma ends a policy, the first directive of a name counts, and what is not understood is passed over.
 * Unlike `parsePolicy`, which refuses what the builder would not write, this judges what others wrote: every fault is a finding.
 */
export function readPolicies (header: string): Reading[] {
  return header.split(',').filter((text) => text.trim() !== '').map(readPolicy)
}

function readPolicy (text: string): Reading {
  const written = new Map<DirectiveName, readonly WrittenExpression[]>()
  const policy = new Map<DirectiveName, readonly string[]>()
  const faults: Finding[] = []
  for (const part of text.split(';')) {
    const tokens = part.split(/[\t\n\f\r ]+/).filter((token) => token !== '')
    if (tokens.length === 0) continue
    const [given, ...expressions] = tokens as [string, ...string[]]
    const name = nameOf(given, part, faults)
    if (name === undefined) continue
    if (written.has(name)) {
      faults.push(finding('directive-twice', 'low', name, 'Only the first directive of a name counts: this one is passed over.'))
      continue
    }
    const understood = expressions.map((expression) => understand(name, expression, faults))
    const kept = inForce(name, understood, faults)
    const isKept = new Set<string | undefined>(kept)
    written.set(name, expressions.map((text, index) => ({ text, known: isKept.has(understood[index]) ? understood[index] : undefined })))
    policy.set(name, kept.length === 0 && hasSources(name) ? ["'none'"] : kept)
  }
  if (policy.size === 0) faults.push(finding('policy-empty', 'high', 'policy', 'The policy holds no directive that a browser knows: it stops nothing.'))
  const directives = DIRECTIVE_NAMES.flatMap((name) => written.has(name) ? [{ name, expressions: written.get(name)! }] : [])
  return { directives, policy, faults }
}

/** A hostile header may hold one wrong name thirty thousand times. */
const nearest = new BoundedCache<string>(100)

/** The directive that a browser takes a word for, or none. */
function nameOf (given: string, part: string, faults: Finding[]): DirectiveName | undefined {
  const lower = given.toLowerCase()
  if (/[^\p{ASCII}]/u.test(part)) {
    faults.push(finding('not-ascii', 'medium', shown(lower), 'A directive with a character beyond ASCII is passed over whole. Look for typographic quotes.'))
    return undefined
  }
  if ((DIRECTIVE_NAMES as readonly string[]).includes(lower)) return lower as DirectiveName
  faults.push(isObsolete(lower)
    ? finding('directive-obsolete', 'info', lower, 'No browser of today acts on it.')
    : finding('directive-unknown', 'medium', shown(lower), `No browser knows this directive, and passes over it. Did you mean \`${nearest.getOrMake(lower.slice(0, 60), () => nearestName(lower, DIRECTIVE_NAMES)!)}\`?`))
  return undefined
}

/** An expression as a browser takes it, or nothing where it takes it for none. */
function understand (name: DirectiveName, expression: string, faults: Finding[]): string | undefined {
  const isValueless = kindOfDirective(name) === 'none'
  const known = asBrowsersRead(name, expression)
  const reason = isValueless ? 'This directive takes no value.' : expression === NONCE ? "A nonce is written `'nonce-…'`." : faultOf(name, known)
  if (reason === undefined) return known
  faults.push(finding('expression-ignored', isValueless ? 'low' : 'medium', name, `\`${shown(expression)}\` has no effect. ${reason.replace(NONCE, "'nonce-…'")}`))
  return undefined
}

/** Those of the expressions that a browser acts on. */
function inForce (name: DirectiveName, expressions: ReadonlyArray<string | undefined>, faults: Finding[]): readonly string[] {
  const understood = [...new Set(expressions.filter((expression) => expression !== undefined))]
  if (understood.length > 1 && understood.includes("'none'")) {
    faults.push(finding('none-ignored', 'medium', name, "`'none'` beside another expression has no effect."))
    return understood.filter((expression) => expression !== "'none'")
  }
  if (understood.length > 1 && isSingle(name)) {
    faults.push(finding('value-ignored', 'low', name, 'This directive takes one value: those behind the first are passed over.'))
    return understood.slice(0, 1)
  }
  if (understood.length === 0 && kindOfDirective(name) !== 'none' && !mayBeEmpty(name)) {
    faults.push(finding('value-missing', 'low', name, hasSources(name) ? "A list in which a browser knows nothing allows nothing: write `'none'` where that is meant." : 'Without a value that a browser knows, this directive has no effect.'))
  }
  return understood
}

/** Keywords and the names of algorithms are matched without regard to case (CSP3 §2.3.1); a nonce is whatever stands behind `'nonce-`. */
function asBrowsersRead (name: DirectiveName, expression: string): string {
  if (hasSources(name) && /^'nonce-[A-Za-z0-9+/_-]+={0,2}'$/i.test(expression)) return NONCE
  if (name === 'sandbox') return expression.toLowerCase()
  if (/^'sha(?:256|384|512)-/i.test(expression)) return expression.replace(/^'[^-]+/, (algorithm) => algorithm.toLowerCase())
  return /^'[a-z0-9-]+'$/i.test(expression) ? expression.toLowerCase() : expression
}

/** A word of unknown length as a sentence has room for it. */
function shown (word: string): string {
  return word.length > 60 ? `${word.slice(0, 57)}...` : word
}

/** Checks whose findings concern one policy whatever the others say: it does not do what it was written for. */
const OF_ONE_POLICY: ReadonlySet<string> = new Set(['strict-dynamic-alone', 'unsafe-inline-void', 'report-to-undeclared'])

/**
 * What is to be said of policies that are in force together: every fault of the writing, and the weaknesses that all of them share, since a browser allows
 * only what every policy allows. `endpoints` are those that `Reporting-Endpoints` declares; without it, any.
 */
export function findingsOf (readings: readonly Reading[], endpoints?: readonly string[]): Finding[] {
  const weaknesses = readings.map(({ policy }) => lintParsed(policy, endpoints ?? policy.get('report-to') ?? []))
  const shares = new Map<string, number>()
  for (const findings of weaknesses) {
    for (const key of new Set(findings.map(keyOf))) shares.set(key, (shares.get(key) ?? 0) + 1)
  }
  const standing = weaknesses.flat().filter((finding) => OF_ONE_POLICY.has(finding.code) || shares.get(keyOf(finding)) === readings.length)
  return bySeverity([...new Map([...readings.flatMap(({ faults }) => faults), ...standing].map((finding) => [JSON.stringify(finding), finding])).values()])
}

function keyOf ({ code, where }: Finding): string {
  return `${code} ${where}`
}
