import { SecurityError, type ErrorCode } from '../errors.ts'
import { expectation } from '../options.ts'
import { kFormFiles, type FormFilesHost, type ReadParts } from '../form-files.ts'
import { compileForm, type FormPlan } from './form-plan.ts'
import { kindOfBody, type BodyKind } from './body-kind.ts'
import { Part, type Reading } from './request-part.ts'
import { lintForeign, lintSchema, type LintedPart, type SchemaFinding } from './schema-lint.ts'
import type { InputSettings } from './settings.ts'
import type { Schema } from './shape.ts'

/** What is read of the options of a route. */
export interface PlannedRoute {
  readonly method: unknown
  readonly url: string
  readonly schema?: unknown
  readonly form?: unknown
  readonly attachValidation?: unknown
  readonly config?: object
}

const OTHERS = ['querystring', 'params', 'headers'] as const

/** The parts of a route's schema that a request is held to. */
export function partsOf (schema: unknown): LintedPart[] {
  return schema === undefined ? [] : (['body', ...OTHERS] as const).filter((part) => (schema as Schema | null)?.[part] !== undefined)
}

/** What is known of a route before any request. Compiled when all schemas of the application are there. */
export class RoutePlan {
  /** Reads a body in parts, where the schema names files. */
  readParts: ReadParts | undefined
  readonly #route: PlannedRoute
  readonly #body: unknown
  readonly #settings: InputSettings
  readonly #isForeign: boolean
  readonly #forms = new Map<BodyKind, FormPlan>()
  readonly #parts = new Map<LintedPart, Part>()

  /** `body`: the schema of the body, or of the form that a page shows. `isForeign`: the route brings its own compiler. */
  constructor (route: PlannedRoute, body: unknown, settings: InputSettings, isForeign: boolean) {
    this.#route = { ...route }
    this.#body = body
    this.#settings = settings
    this.#isForeign = isForeign
  }

  /** The kinds of body that are read. */
  accepts (kind: BodyKind | undefined): kind is BodyKind {
    return kind !== undefined && this.#forms.get(kind)?.accepts.has(kind) === true
  }

  /** The form for a kind of body; without one, that which a page shows. */
  form (kind?: BodyKind): FormPlan {
    return (kind === undefined ? undefined : this.#forms.get(kind)) ?? [...this.#forms.values()][0]!
  }

  part (name: LintedPart): Part {
    return this.#parts.get(name)!
  }

  /**
   * Compiles all parts. `known`: the schemas of the application. `scope`: the part of the application that has the route.
   * Throws `SecurityError` for a schema that cannot be compiled, and for a `form` that does not go with it.
   */
  compile (known: Readonly<Record<string, unknown>>, scope: FormFilesHost = {}): SchemaFinding[] {
    try {
      const findings = this.#compile(known)
      this.#planFiles(scope)
      return findings
    } catch (error) {
      throw this.#located(error)
    }
  }

  #compile (known: Readonly<Record<string, unknown>>): SchemaFinding[] {
    if ((this.#route.form as { files?: unknown } | undefined)?.files !== undefined) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'form.files: expected files as fields of `schema.body`, such as `avatar: f.file({ types: [\'png\'] })`, received them beside it. `form.files` is for routes without `schema.body`.')
    if (this.#isForeign) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'form: expected a route without a `validatorCompiler` of its own, received one with it. What that compiler lets pass is unknown here.')
    if (this.#route.attachValidation === true) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'attachValidation: expected a route without it, received `true`. Behind the first part that is refused, the handler would find the others unchecked. `form.onInvalid: \'continue\'` leaves a form that is not valid to the handler.')
    if (this.#body === undefined && this.#route.form !== undefined) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'form: expected a route with `schema.body`, received one without it.')
    const { formats = {}, limits } = this.#settings
    const findings: SchemaFinding[] = []
    const make = (schema: unknown, name: LintedPart): Part => {
      const part = new Part(schema, { known, formats, isClosed: name === 'body', depth: limits.depth }, name, limits.errors)
      findings.push(...lintSchema(part.node.schema, name).map((finding) => ({ ...finding, message: `${String(this.#route.method)} ${this.#route.url}: ${finding.message}` })))
      return part.compile()
    }
    if (this.#body !== undefined) this.#compileBody(make)
    for (const name of OTHERS) {
      const schema = (this.#route.schema as Schema | undefined)?.[name]
      if (schema !== undefined) this.#parts.set(name, make(name === 'headers' ? inSmallLetters(schema) : schema, name))
    }
    return findings
  }

  #planFiles (scope: FormFilesHost): void {
    const files = this.#forms.get('form')?.files ?? {}
    if (Object.keys(files).length === 0) return
    this.readParts = scope[kFormFiles]?.(scope, this.#route, files)
    if (this.readParts === undefined) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', 'schema.body: expected the plugin `fastify-bulwark/files` for its files, which is not registered, or was only after this part of the application.')
  }

  #compileBody (make: (schema: unknown, name: LintedPart) => Part): void {
    const { accepts } = this.#settings
    const content = (this.#body as { content?: unknown } | null)?.content as Readonly<Record<string, { schema: unknown }>> | undefined
    if (content === undefined) {
      const plan = compileForm(this.#route.form, make(this.#body, 'body'), accepts)
      for (const kind of plan.accepts) this.#forms.set(kind, plan)
      return
    }
    if (this.#route.form !== undefined) throw new SecurityError('BULWARK_ERR_INPUT_FORM_INVALID', expectation('form', 'one schema in `schema.body`', content, 'A map by content types has no one set of fields.'))
    for (const [type, { schema }] of Object.entries(content)) {
      const kind = kindOfBody(type)
      if (kind === undefined || this.#forms.has(kind)) throw new SecurityError('BULWARK_ERR_INPUT_SCHEMA_INVALID', 'body.content: expected a key each for JSON and for forms, received another one, or two for the same. A route that reads something else brings its own `validatorCompiler`.')
      this.#forms.set(kind, compileForm({ accepts: [kind] }, make(schema, 'body'), accepts))
    }
  }

  /** A start-up error with the route in its message. */
  #located (error: unknown): unknown {
    return error instanceof SecurityError ? new SecurityError(error.code as ErrorCode, `${error.message} (route ${String(this.#route.method)} ${this.#route.url})`) : error
  }
}

/** Says what the lint found: throws `SecurityError` `BULWARK_ERR_INPUT_SCHEMA_WEAK`, tells `warn`, or does nothing. */
export function reportFindings (findings: readonly SchemaFinding[], lint: InputSettings['lint'], warn: (finding: SchemaFinding) => void): void {
  if (lint === 'warn') findings.forEach(warn)
  if (lint !== 'error' || findings.length === 0) return
  const shown = findings.slice(0, MOST_SHOWN).map(({ message }) => `- ${message}`)
  const rest = findings.length - shown.length
  throw new SecurityError('BULWARK_ERR_INPUT_SCHEMA_WEAK', `The lint of the input plugin objects (option \`lint\`):\n${shown.join('\n')}${rest > 0 ? `\nand ${rest} more` : ''}`)
}

const MOST_SHOWN = 20

/** What the lint says of a route that brings its own compiler. */
export function lintOwnCompiler ({ schema }: PlannedRoute): SchemaFinding[] {
  return partsOf(schema).flatMap((name) => lintForeign((schema as Schema)[name], name))
}

/** Node gives the names of headers in small letters. */
function inSmallLetters (schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || typeof (schema as Schema)['properties'] !== 'object') return schema
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Record<string, unknown>
  copy['properties'] = Object.fromEntries(Object.entries(copy['properties'] as object).map(([name, child]) => [name.toLowerCase(), child as unknown]))
  if (Array.isArray(copy['required'])) copy['required'] = (copy['required'] as string[]).map((name) => name.toLowerCase())
  return copy
}

/** An error for a reading with faults: the fixed sentence, and which fields, for the program's own error handler. */
export function requestError (reading: Reading, part: LintedPart): SecurityError {
  const faults = reading.duplicate === undefined ? reading.faults : [{ path: reading.duplicate, key: 'duplicate' }]
  return Object.assign(new SecurityError('BULWARK_ERR_INPUT_REQUEST_INVALID'), { validationContext: part, faults: faults.map(({ path, key }) => ({ path, key })) })
}
