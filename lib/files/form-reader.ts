import { SecurityError } from '../errors.ts'
import type { PlanParts } from '../form-files.ts'
import type { RouteSettings } from '../route-settings.ts'
import { Intake, type IntakeHost, type UploadPlan } from './intake.ts'
import { resolveForm, type ResolvedLimits } from './settings.ts'

/** What a registration brings. */
export interface Registration {
  readonly routes: RouteSettings<ResolvedLimits>
  readonly host: IntakeHost
  /** The scopes that the hooks of the plugin reach. */
  readonly scopes: WeakSet<object>
  /** Reads the body of a request into an intake. */
  readonly read: (request: unknown, reply: unknown, intake: Intake) => Promise<void>
}

/** A scope, as far as it is asked for `@fastify/multipart`. */
export interface MultipartScope { hasRequestDecorator (name: string): boolean }

/** Throws `SecurityError` `BULWARK_ERR_FILES_MULTIPART_MISSING` where nothing parses a body in parts. */
export function requireMultipart (scope: MultipartScope): void {
  if (!scope.hasRequestDecorator('parts') || !scope.hasRequestDecorator('isMultipart')) throw new SecurityError('BULWARK_ERR_FILES_MULTIPART_MISSING')
}

/** What is offered to who reads the rest of a form: the files that its schema names. */
export function offerParts ({ routes, host, scopes, read }: Registration): PlanParts {
  return (scope, { config = {} }, fields) => {
    if (!scopes.has(scope)) return undefined
    requireMultipart(scope as MultipartScope)
    const limits = routes.planFor(config, (error) => { throw error })
    const plan: UploadPlan = { limits, fields: resolveForm(fields, limits, host.detect !== undefined, 'schema.body'), isAnswered: true }
    return async (request, reply) => {
      const intake = new Intake(plan, host)
      await read(request, reply, intake)
      return intake.parts
    }
  }
}
