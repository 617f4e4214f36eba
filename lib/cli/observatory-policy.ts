// What the Observatory reads out of a Content-Security-Policy, by its published rules, and not what a browser does with it.

/** Sources that are as good as none. */
const BROAD: ReadonlySet<string> = new Set(['ftp:', 'http:', 'https:', '*', 'http://*', 'http://*.*', 'https://*', 'https://*.*'])
const BROAD_OR_INLINE: ReadonlySet<string> = new Set([...BROAD, "'unsafe-inline'", 'data:'])

/** Directives that may be there twice without the policy counting as invalid. */
const MAY_REPEAT: ReadonlySet<string> = new Set(['report-uri', 'report-to'])

/** The shortest text that may be a policy. */
const SHORTEST = 6

/** The verdict on a policy, and whether it decides who may frame the page. */
export interface PolicyVerdict {
  readonly result: string
  readonly hasFrameAncestors: boolean
}

type Sources = Map<string, Set<string>>

/** Verdict on the enforced policy (several headers are joined by commas, as Node does), or on its absence. */
export function judgePolicy (header: string | undefined, isReportOnly: boolean, isHttps: boolean): PolicyVerdict {
  const absent = { result: isReportOnly ? 'csp-not-implemented-but-reporting-enabled' : 'csp-not-implemented', hasFrameAncestors: false }
  if (header === undefined) return absent
  const { sources, isValid, hasDuplicates } = parse(header)
  if (!isValid) return { result: 'csp-header-invalid', hasFrameAncestors: false }
  if (sources.size === 0) return absent
  const hasFrameAncestors = sources.has('frame-ancestors')
  const result = verdictOf(sources, isHttps)
  const passes = !/unsafe-inline$|unsafe-eval|insecure-scheme$|invalid/.test(result)
  return { result: passes && hasDuplicates ? 'csp-implemented-but-duplicate-directives' : result, hasFrameAncestors }
}

function parse (header: string): { sources: Sources, isValid: boolean, hasDuplicates: boolean } {
  const sources: Sources = new Map()
  let hasDuplicates = false
  let isValid = header.trim().length >= SHORTEST
  for (const part of header.split(';')) {
    const [name, ...values] = part.trim().split(/\s+/).map((word) => word.toLowerCase()) as [string, ...string[]]
    if (name === '') continue
    if (sources.has(name)) {
      if (MAY_REPEAT.has(name)) hasDuplicates = true
      else isValid = false
    }
    sources.set(name, new Set(values.length === 0 ? ["'none'"] : withoutLonger(values)))
  }
  return { sources, isValid, hasDuplicates }
}

/** Sorted, a source that continues the one before it says nothing new. */
function withoutLonger (values: readonly string[]): string[] {
  const sorted = values.toSorted(new Intl.Collator('en').compare)
  return sorted.filter((value, index) => index === 0 || !value.startsWith(sorted[index - 1]!))
}

function verdictOf (sources: Sources, isHttps: boolean): string {
  const anything = new Set(['*'])
  const of = (name: string): Set<string> => sources.get(name) ?? sources.get('default-src') ?? anything
  const scripts = of('script-src')
  const styles = of('style-src')
  const objects = of('object-src')
  for (const list of [scripts, styles]) if (isTrusting(list)) list.delete("'unsafe-inline'")
  if (scripts.has("'strict-dynamic'")) {
    if (!isTrusting(scripts)) return 'csp-header-invalid'
    for (const source of scripts) if (source === "'self'" || [...BROAD].some((broad) => source.startsWith(broad))) scripts.delete(source)
  }
  const passive = [...sources.get('img-src') ?? sources.get('default-src') ?? [], ...sources.get('media-src') ?? sources.get('default-src') ?? []]
  const active = [...sources].flatMap(([name, list]) => name === 'img-src' || name === 'media-src' || name === 'script-src' ? [] : [...list]).concat(...scripts)
  const isInsecure = (source: string): boolean => isHttps && /^(?:http|ftp):/.test(source)
  if (meets(scripts, BROAD_OR_INLINE) || meets(objects, BROAD)) return 'csp-implemented-with-unsafe-inline'
  if (active.some(isInsecure)) return 'csp-implemented-with-insecure-scheme'
  if (scripts.has("'unsafe-eval'") || styles.has("'unsafe-eval'")) return 'csp-implemented-with-unsafe-eval'
  if (passive.some(isInsecure)) return 'csp-implemented-with-insecure-scheme-in-passive-content-only'
  if (meets(styles, BROAD_OR_INLINE)) return 'csp-implemented-with-unsafe-inline-in-style-src-only'
  const fallback = sources.get('default-src')
  return fallback?.size === 1 && fallback.has("'none'") ? 'csp-implemented-with-no-unsafe-default-src-none' : 'csp-implemented-with-no-unsafe'
}

function isTrusting (list: ReadonlySet<string>): boolean {
  return [...list].some((source) => /^'(?:sha(?:256|384|512)|nonce)-/.test(source))
}

function meets (list: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...list].some((source) => others.has(source))
}
