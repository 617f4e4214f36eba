/**
 * The bytes of a canonical base64url text without padding (RFC 4648 §5), `undefined` for anything else.
 *
 * Node's own decoder skips what it does not know and ignores left-over bits, so that one value has many spellings: whoever compares,
 * counts or revokes texts would be walked around.
 */
export function decodeBase64url (text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
