// Neither the name of the field, which is checked at start, nor a token in base64url has a character that HTML would have to escape.

/** The token as a hidden input for a form. */
export function hiddenInput (name: string, token: string): string {
  return `<input type="hidden" name="${name}" value="${token}">`
}

/** The token for scripts to read. */
export function metaElement (token: string): string {
  return `<meta name="csrf-token" content="${token}">`
}
