/** The URL that a visitor's text is, if it is one. Not by `URL.canParse`: in Node 20 and 22 it errs on Latin-1 once the call is optimised, and `new URL` throws. */
export function parseUrl (text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
