import { SecurityError } from '../errors.ts'

/**
 * Loads @fastify/secure-session, which brings a native addon.
 * Throws `SecurityError` `BULWARK_ERR_SESSION_CODEC_MISSING` where there is no build of it for this machine.
 */
export async function importCodec<Codec> (load: () => Promise<{ readonly default: Codec }>): Promise<Codec> {
  try {
    return (await load()).default
  } catch (cause) {
    throw new SecurityError('BULWARK_ERR_SESSION_CODEC_MISSING',
      'session: expected @fastify/secure-session to load, received an error (see the cause). Its addon sodium-native has builds for glibc, macOS and Windows; on Alpine and other systems with musl, ' +
      'use an image with glibc such as node:22-slim, or build the addon there (docs/session.md, Alpine).', { cause })
  }
}
