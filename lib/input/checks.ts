import { SecurityError, type ErrorCode } from '../errors.ts'
import type { Fault } from './explain.ts'
import { valueAt } from './field-path.ts'
import type { FormPlan } from './form-plan.ts'
import type { CheckResult } from './form-options.ts'

/** The rules between fields; they need no more than the values. A field that is wrong by itself is not asked. */
export function crossFaults ({ cross }: FormPlan, values: unknown, faults: readonly Fault[]): Fault[] {
  if (cross.length === 0) return []
  const wrong = new Set(faults.map(({ path }) => path))
  return cross.flatMap(([path, { rule, other, message, holds }]): Fault[] => {
    if (wrong.has(path) || wrong.has(other)) return []
    const value = valueAt(values, path)
    const given = valueAt(values, other)
    const isBroken = rule === 'equalTo' ? value !== undefined && value !== given : holds(given) && (value === undefined || value === '' || value === null)
    return isBroken ? [{ path, key: message ?? rule, params: { other } }] : []
  })
}

/** True when there is something to ask the program. */
export function hasChecks ({ checks, options }: FormPlan): boolean {
  return checks.length > 0 || options.checkForm !== undefined
}

/**
 * Asks the checks of the program, those of different fields at the same time and those of one field one after another until one
 * objects. An error of a check is thrown on. Throws `SecurityError`: `BULWARK_ERR_INPUT_CHECK_TIMEOUT` after `seconds`, `BULWARK_ERR_INPUT_CHECK_ABORTED` where the
 * client goes before. `onAbort`: is called with a function that ends the checks then, and gives one that forgets it.
 */
export async function askChecks (plan: FormPlan, values: unknown, request: unknown, seconds: number, onAbort: (abort: () => void) => () => void): Promise<Fault[]> {
  const controller = new AbortController()
  const { signal } = controller
  const context = { request, signal, values }
  const byField = new Map<string, Array<(value: unknown, context: object) => unknown>>()
  for (const [path, check] of plan.checks) byField.set(path, [...byField.get(path) ?? [], check])

  async function ask (path: string, checks: ReadonlyArray<(value: unknown, context: object) => unknown>): Promise<Fault[]> {
    const value = valueAt(values, path)
    // What is optional and was not given is right.
    if (value === undefined) return []
    for (const check of checks) {
      const result = await check(value, context) as CheckResult
      if (signal.aborted) return []
      if (result !== undefined && result !== null) return [faultOf(path, result)]
    }
    return []
  }

  async function askAll (): Promise<Fault[]> {
    const faults = (await Promise.all([...byField].map(([path, checks]) => ask(path, checks)))).flat()
    if (faults.length > 0 || plan.options.checkForm === undefined) return faults
    const result = await plan.options.checkForm(values as Record<string, unknown>, context as never)
    return result === undefined || result === null ? [] : [faultOf('', result)]
  }

  let end!: (code: ErrorCode) => void
  const tooLate = new Promise<never>((_resolve, reject) => {
    end = (code) => {
      controller.abort()
      reject(new SecurityError(code))
    }
  })
  const timer = setTimeout(end, seconds * 1000, 'BULWARK_ERR_INPUT_CHECK_TIMEOUT')
  const forget = onAbort(() => end('BULWARK_ERR_INPUT_CHECK_ABORTED'))
  try {
    return await Promise.race([askAll(), tooLate])
  } finally {
    clearTimeout(timer)
    forget()
    // Whatever still runs for a form that is decided has no more to do.
    controller.abort()
  }
}

function faultOf (path: string, result: Exclude<CheckResult, undefined | void>): Fault {
  return typeof result === 'string' ? { path, key: result, params: {} } : { path, key: result.key, params: result.params ?? {} }
}
