import { SecurityError } from '../errors.ts'
import type { FormParts } from '../form-files.ts'
import { crossFaults } from './checks.ts'
import type { Fault } from './explain.ts'
import type { FormPlan } from './form-plan.ts'
import { excessOf, isTooDeep, type Excess } from './limits.ts'
import type { BodyKind } from './media-type.ts'
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
  function refuse (reason: Excess): never {
    onRefused(reason)
    throw new SecurityError('BULWARK_ERR_INPUT_BODY_REFUSED')
  }

  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const excess = excessOf(body, settings.limits)
  if (excess !== undefined) refuse(excess)
  if (isObject && kind === 'form' && isTooDeep(Object.keys(body), settings.limits)) refuse('depth')
  const own = plan.body.node.kind === 'object' ? plan.body.node.fields : undefined
  const names = isObject ? settings.setAside.filter((name) => Object.hasOwn(body, name) && own?.has(name) !== true) : []
  const aside = Object.fromEntries(names.map((name) => [name, (body as Record<string, unknown>)[name]]))
  const reading = kind === 'form'
    ? plan.body.readForm(isObject ? files === undefined ? body as Record<string, unknown> : { ...body, ...files } : {}, plan.filters)
    : plan.body.readValue(names.length === 0 ? body : without(body as object, names), plan.filters)
  if (reading.duplicate !== undefined) refuse('duplicate')
  return { value: reading.value, faults: plan.cross.length === 0 ? reading.faults : [...reading.faults, ...crossFaults(plan, reading.value, reading.faults)], aside }
}

function without (body: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
