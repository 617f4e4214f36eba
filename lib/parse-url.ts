/**
 * The URL that a text is, `undefined` for what is none. `URL.canParse` cannot be asked: in Node 20 and 22, once V8 has optimised the call, it reads a text
 * of Latin-1 as if it were UTF-8, so that it denies `https://bücher.test` and confirms `https://Ã¨.test`, which `new URL` then throws at.
 */
export function parseUrl (text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
