/**
 * Why a command could not do its work, in one sentence for the person at the terminal; the program then ends with exit code 2.
 *
 * It has no code of the table in `lib/errors.ts`: no program catches it, and what a pipeline reads is the exit code.
 */
export class CommandError extends Error {
  constructor (sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'CommandError'
  }
}

/** The first line of what was thrown, whatever it is, without the full stop at its end. */
export function reasonOf (thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || (thrown as NodeJS.ErrnoException).code || thrown.name : String(thrown)
  return text.trim().split('\n', 1)[0]!.replace(/\.$/, '')
}
