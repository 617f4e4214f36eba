import { fileURLToPath } from 'node:url'
import { CommandError, reasonOf } from './command-error.ts'
import { inspectApplication, type InspectionRequest } from './inspection.ts'
import type { RoutePosture } from './posture.ts'

/** What the process of an inspection answers: postures, or the sentence why there are none. */
export type InspectionAnswer = { readonly postures: readonly RoutePosture[] } | { readonly failure: string }

/** The answer to a request. It is never rejected. */
export async function answerTo (request: InspectionRequest): Promise<InspectionAnswer> {
  try {
    return { postures: await inspectApplication(request) }
  } catch (error) {
    return failureOf(error)
  }
}

function failureOf (error: unknown): InspectionAnswer {
  return { failure: error instanceof CommandError ? error.message : `The application could not be loaded (${reasonOf(error)}).` }
}

/** Carries out the one request that the parent process sends, answers it, and ends, whatever the application still holds open. */
function serve (): void {
  const send = process.send!.bind(process)
  // An application that a process manager starts tells it by the same way that it is ready: taken for the answer, that would end the inspection.
  delete process.send
  const answer = (what: InspectionAnswer): unknown => send(what, undefined, undefined, () => process.exit(0))
  process.once('disconnect', () => process.exit(0))
  process.once('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') === 0) answer(failureOf(error))
  })
  process.once('message', (request) => { answerTo(request as InspectionRequest).then(answer) })
}

// The first file of the process in which `check` loads an application.
if (process.argv[1] === fileURLToPath(import.meta.url)) serve()
