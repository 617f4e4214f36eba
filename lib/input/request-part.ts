import { decode, type FormSource } from './decode.ts'
import { explain, Report, type Fault } from './explain.ts'
import { valueAt } from './field-path.ts'
import { readNode, type Node } from './schema-node.ts'
import { shape, type Schema, type Shaping } from './shape.ts'
import { tidy } from './tidy.ts'

/** A function that a value goes through before it is checked. */
export type Filter = (value: unknown) => unknown

/** What became of a body. */
export interface Reading {
  /** What was understood: valid when there are no faults. */
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** A name that came twice and has one place only. */
  readonly duplicate: string | undefined
}

/** A part of a request, such as its body, with its schema compiled. */
export class Part {
  readonly node: Node
  readonly #mostFaults: number

  /**
   * Throws `SecurityError` `BULWARK_ERR_INPUT_SCHEMA_INVALID` for a schema that cannot be compiled. `path`: how it is called in messages.
   * `mostFaults`: faults that are told.
   */
  constructor (schema: unknown, shaping: Shaping, path: string, mostFaults: number) {
    this.node = readNode(shape(schema, shaping, path))
    this.#mostFaults = mostFaults
  }

  /** Compiles the check now, rather than with the first request. */
  compile (): this {
    this.node.check(undefined)
    return this
  }

  /** Reads what came as texts, such as a form or a query. */
  readForm (values: Readonly<Record<string, unknown>>, filters: ReadonlyMap<string, Filter> = NONE): Reading {
    const source: FormSource = { values, duplicate: undefined, isUnclean: false }
    const value = decode(this.node, source, '', true)
    return this.#check(value, source.isUnclean, filters, source.duplicate)
  }

  /** Reads what came as values, such as JSON. The given value is not changed. */
  readValue (given: unknown, filters: ReadonlyMap<string, Filter> = NONE): Reading {
    const state = { isUnclean: false }
    const value = tidy(this.node, given, state)
    return this.#check(value, state.isUnclean, filters, undefined)
  }

  #check (given: unknown, isUnclean: boolean, filters: ReadonlyMap<string, Filter>, duplicate: string | undefined): Reading {
    const { value, failed } = filters.size === 0 ? { value: given, failed: NO_NAMES } : filtered(given, filters)
    if (!isUnclean && failed.length === 0 && this.node.check(value)) return { value, faults: [], duplicate }
    const report = new Report(this.#mostFaults)
    explain(this.node, value, '', report)
    for (const path of failed) {
      if (!report.faults.some((fault) => fault.path === path)) report.add(path, 'invalid')
    }
    // The compiled check has the last word, whatever the explanation knows.
    if (report.faults.length === 0) report.add('', 'invalid')
    return { value, faults: report.faults, duplicate }
  }
}

const NONE: ReadonlyMap<string, Filter> = new Map()
const NO_NAMES: readonly string[] = []

/** A filter may take its time with a long text, and a text that long is refused anyway. */
const LONGEST_FILTERED = 100_000

/** The value behind the filters, and the fields whose filter threw. */
function filtered (given: unknown, filters: ReadonlyMap<string, Filter>): { readonly value: unknown, readonly failed: readonly string[] } {
  let value = given
  const failed: string[] = []
  for (const [path, filter] of filters) {
    const before = valueAt(value, path)
    if (before === undefined || (typeof before === 'string' && before.length > LONGEST_FILTERED)) continue
    try {
      value = withValue(value, path.split('.'), filter(before))
    } catch {
      failed.push(path)
    }
  }
  return { value, failed }
}

/** The value with another one at a place; what was given stays as it is. */
function withValue (value: unknown, [step, ...rest]: readonly string[], inner: unknown): unknown {
  if (step === undefined) return inner
  return { ...value as Schema, [step]: withValue((value as Schema)[step], rest, inner) }
}
