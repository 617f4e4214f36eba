import { SecurityError } from '../errors.ts'
import type { FormParts } from '../form-files.ts'
import type { BodyKind } from './body-kind.ts'
import { crossFaults } from './checks.ts'
import type { Fault } from './explain.ts'
import type { FormPlan } from './form-plan.ts'
import { excessOf, type Excess } from './limits.ts'
import type { InputSettings } from './settings.ts'

/** A body that was read, and what belongs to others in it. */
export interface ReadBody {
  readonly value: unknown
  readonly faults: readonly Fault[]
  readonly aside: Readonly<Record<string, unknown>>
}

/**
 * Reads a parsed body. The body itself is not changed. `files`: what came with the fields of a form.
 *
 * Throws `SecurityError` `BULWARK_ERR_INPUT_BODY_REFUSED` for one that is too large, too deep, not UTF-8, or holds a field twice that has one
 * place; `onRefused` is told which.
 */
export function readBody (plan: FormPlan, kind: BodyKind, body: unknown, settings: InputSettings, onRefused: (reason: Excess) => void, files?: FormParts['files']): ReadBody {
  const object = typeof body === 'object' && body !== null && !Array.isArray(body) ? body as Readonly<Record<string, unknown>> : undefined
  const excess = excessOf(body, settings.limits, kind === 'form')
  if (excess !== undefined) throw refusal(excess, onRefused)
  const aside = object === undefined ? NONE : setAside(plan, object, settings.setAside)
  const reading = kind === 'form'
    ? plan.body.readForm(files === undefined ? object ?? NONE : { ...object, ...files }, plan.filters)
    : plan.body.readValue(aside === NONE ? body : without(object!, aside), plan.filters)
  if (reading.duplicate !== undefined) throw refusal('duplicate', onRefused)
  return { value: reading.value, faults: plan.cross.length === 0 ? reading.faults : [...reading.faults, ...crossFaults(plan, reading.value, reading.faults)], aside }
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze({})

function refusal (reason: Excess, onRefused: (reason: Excess) => void): SecurityError {
  onRefused(reason)
  return new SecurityError('BULWARK_ERR_INPUT_BODY_REFUSED')
}

/** The fields that others read, unless the schema has one of that name. */
function setAside ({ body: { node } }: FormPlan, object: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  let aside: Record<string, unknown> | undefined
  for (const name of names) {
    if (!Object.hasOwn(object, name) || (node.kind === 'object' && node.fields.has(name))) continue
    aside ??= Object.create(null) as Record<string, unknown>
    aside[name] = object[name]
  }
  return aside ?? NONE
}

function without (object: Readonly<Record<string, unknown>>, aside: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !Object.hasOwn(aside, name)))
}
