/** A series that a store does not know (any more) is denied for this long when it is revoked: sessions made from it may still live. */
export const UNKNOWN_SERIES_MS: number = 30 * 86_400_000
