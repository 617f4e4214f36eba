/**
 * Any JavaScript string as text that every database holds: without NUL, which PostgreSQL has no place for, and without lone surrogates, which
 * UTF-8 has none for (a client would turn all of them into U+FFFD, and two users into one). They are written as `\uXXXX`, a backslash as `\\`,
 * and everything else as itself, so that an ordinary id looks in the database as it does in the application.
 */
export function encodeText (text: string): string {
  return text.replace(/\\|\0|\p{Surrogate}/gu, (character) => character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The string that `encodeText` was given. */
export function decodeText (text: string): string {
  return text.replace(/\\(?:\\|u([0-9a-f]{4}))/g, (_, code: string | undefined) => code === undefined ? '\\' : String.fromCharCode(parseInt(code, 16)))
}
