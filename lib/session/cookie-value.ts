/**
 * The values that a Cookie header has under one name (RFC 6265 §5.4), without taking the rest of it apart.
 *
 * Not `parseCookie`: it keeps the first of several values and decodes percent signs. Here a repetition must be seen, since the first value may be one that a
 * neighbouring host planted, and no value of ours ever has a percent sign, so that each has one spelling.
 */
export function cookieValues (header: string | undefined, name: string): string[] {
  const values: string[] = []
  if (header === undefined) return values
  const start = `${name}=`
  for (let at = header.indexOf(start); at !== -1; at = header.indexOf(start, at + start.length)) {
    let before = at - 1
    while (header[before] === ' ' || header[before] === '\t') before--
    if (before >= 0 && header[before] !== ';') continue
    const end = header.indexOf(';', at)
    values.push(header.slice(at + start.length, end === -1 ? undefined : end).trim())
  }
  return values
}
