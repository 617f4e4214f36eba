/** Bytes of UTF-8: file systems end at 255, and some programs put something before or behind. */
const LONGEST = 200
const LONGEST_EXTENSION = 20

/** Windows takes these for devices in any folder and with any extension ("Naming Files, Paths, and Namespaces"). */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$|\s)/i
/** Control, format (bidi, zero width), private and unassigned characters, halves of a pair, and the separators of lines. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu
/** What is special in a path, in a shell or in an address. */
const SPECIAL = /["$%&*/:;<>?\\`|]/
/** An option of a program, a hidden file, the home of a user. */
const LEADING = /^[\s.~-]+/u
const TRAILING = /[\s.]+$/u

/**
 * A name that is harmless on every system, for what a stranger called a file: the last part of a path, in NFC, without invisible characters, devices
 * and leading dots, of 200 bytes at the most. Never empty: `file` when nothing is left. Do not store files under it: it is not unique.
 */
export function safeFileName (name: string): string {
  const last = name.slice(-10_000).split(/[/\\]/).findLast((part) => part.trim() !== '') ?? ''
  const clean = Array.from(last.replace(INVISIBLE, '').normalize('NFC'), harmless).join('').replace(/\s+/gu, ' ')
  const trimmed = clean.replace(LEADING, '').replace(TRAILING, '')
  const cut = shorten(DEVICE.test(trimmed) ? `_${trimmed}` : trimmed)
  return cut === '' ? 'file' : cut
}

/** The extension of a name, in small letters, without its dot; empty for none. */
export function extensionOf (name: string): string {
  return /^.+\.([A-Za-z0-9]{1,20})$/su.exec(name)?.[1]!.toLowerCase() ?? ''
}

/** A look-alike is what it becomes in a program that normalises: a full-width slash is a slash there, two dot leaders are two dots. */
function harmless (char: string): string {
  if (SPECIAL.test(char)) return '_'
  const plain = char.normalize('NFKC')
  return plain !== char && (SPECIAL.test(plain) || plain.includes('.')) ? '_' : char
}

function shorten (name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= LONGEST_EXTENSION ? name.slice(dot) : ''
  let left = LONGEST - Buffer.byteLength(extension)
  let stem = ''
  for (const char of name) {
    left -= Buffer.byteLength(char)
    if (left < 0) break
    stem += char
  }
  return stem.replace(TRAILING, '') + extension
}
