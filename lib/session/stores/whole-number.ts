/**
 * A time, as a store takes it. Throws `RangeError` for what is none: a comparison with NaN is never true, and so a cut-off that is NaN would end
 * nothing, and a denial with one would have ended at once.
 */
export function wholeNumber (value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError('A store of sessions takes whole numbers as times.')
  return value
}
