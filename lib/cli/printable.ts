// C0, DEL and C1 begin the sequences that steer a terminal; the others turn the direction of writing or take up no place, and hide text.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Cs}]/gu

/** A text of foreign origin as a terminal may show it: what could steer the terminal is written as `\u{…}`. */
export function printable (text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** JSON in ASCII alone, since a terminal may show it as well as a program read it. */
export function printableJson (value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
