/**
 * Set on the stream of a multipart body that ended within its first part. Whoever looked into that part has read it to its end then, and left nothing that a
 * stream could be given back: what is known of it is that it is no whole body.
 */
export const kTornBody: unique symbol = Symbol('fastify-bulwark.torn-body')
