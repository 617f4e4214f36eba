/** Where a request keeps what is wrong with the files of its form, until who answers the form has taken it. */
export const kFormFaults: unique symbol = Symbol('fastify-bulwark.form-faults')

/** Something that is wrong with a field: its name, and the key of a message or a sentence. */
export interface FormFault {
  readonly path: string
  readonly key: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The part of a request that is used. */
export interface FaultyRequest {
  [kFormFaults]?: readonly FormFault[] | null
}

/** Takes what is wrong: from now on it is up to who called. */
export function takeFaults (request: FaultyRequest): readonly FormFault[] {
  const faults = request[kFormFaults] ?? []
  if (faults.length > 0) request[kFormFaults] = null
  return faults
}
