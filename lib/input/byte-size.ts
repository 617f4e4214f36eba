const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A number of bytes for people, in the units of SI (IEC 80000-13): `1.5 MB`. Never more than it is, since it is said of a limit. */
export function byteSize (bytes: number, language: string): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(bytes) / 3), 0), UNITS.length - 1)
  const number = Math.floor(bytes / 1000 ** power * 10) / 10
  return `${number.toLocaleString(language)} ${UNITS[power]!}`
}
