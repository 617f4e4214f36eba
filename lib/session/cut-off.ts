/**
 * What `revokeUser` leaves behind for one user: everything issued up to `at` has ended, but for the session `except`, for which only an earlier
 * cut-off, `floor`, holds. This is all there is to keep, however often it is called.
 */
export interface CutOff {
  readonly at: number
  readonly except?: string
  /** -1 when no cut-off holds for the exempted session. */
  readonly floor: number
  /** Until when it is kept. */
  readonly until: number
}

/** The cut-off that holds when one more is set, in whatever order they arrive. */
export function nextCutOff (known: CutOff | undefined, { at, until, except }: { readonly at: number, readonly until: number, readonly except?: string }): CutOff {
  if (known === undefined) return { at, until, floor: -1, ...(except !== undefined && { except }) }
  const kept = Math.max(known.until, until)
  // The one that is exempted from both is held to what neither of them set.
  if (except !== undefined && except === known.except) return { at: Math.max(known.at, at), except, floor: known.floor, until: kept }
  if (at >= known.at) return { at, floor: known.at, until: kept, ...(except !== undefined && { except }) }
  return { ...known, floor: Math.max(known.floor, at), until: kept }
}

/** Whether a session of the user has ended by it. */
export function isCutOff (cutOff: CutOff, sid: string, issuedAt: number): boolean {
  return issuedAt <= (sid === cutOff.except ? cutOff.floor : cutOff.at)
}
