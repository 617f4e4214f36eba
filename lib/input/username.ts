/**
 * Scripts that names are written in; a row of several is written together. Letters of two scripts in one name are how a look-alike
 * is made: `раypal` with two Cyrillic letters (UTS 39, section 5.1, "single script").
 */
const SCRIPTS = [
  ['Latin'], ['Greek'], ['Cyrillic'], ['Armenian'], ['Georgian'], ['Hebrew'], ['Arabic'], ['Devanagari'], ['Bengali'], ['Gurmukhi'], ['Gujarati'],
  ['Tamil'], ['Telugu'], ['Kannada'], ['Malayalam'], ['Sinhala'], ['Thai'], ['Lao'], ['Tibetan'], ['Khmer'], ['Myanmar'], ['Ethiopic'],
  ['Han', 'Hiragana', 'Katakana'], ['Han', 'Hangul'], ['Han', 'Bopomofo']
]

const ASCII = /^[a-z][\w.]*$/i
// Made when first asked for: together, they take several milliseconds.
let oneScript: readonly RegExp[] | undefined
const makeScripts = (): RegExp[] => SCRIPTS.map((scripts) => {
  const letters = scripts.map((script) => `\\p{Script=${script}}`).join('')
  // A number, a dot or an underscore is of no script. What is invisible or turns the direction of reading is in none of these.
  return new RegExp(`^(?=\\p{L})[${letters}\\p{M}\\p{Nd}._]+$`, 'u')
})
const NO_DIGIT_OF_ANOTHER = /^(?:[^\p{Nd}]|\d)*$/u
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u

/** A name that begins with a letter and goes on in letters, digits, dots and underscores: of ASCII, or of one script. */
export function isUsername (text: string, anyScript: boolean): boolean {
  if (!anyScript) return ASCII.test(text)
  // A ligature or a wide letter is another spelling of plain ones, and so a look-alike (RFC 8264, section 9.17).
  return text.normalize('NFKC') === text && !INVISIBLE.test(text) && NO_DIGIT_OF_ANOTHER.test(text) && (oneScript ??= makeScripts()).some((script) => script.test(text))
}
