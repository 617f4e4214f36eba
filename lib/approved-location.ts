/**
 * The Location that a reply was given by a plugin of the suite, which has judged it: the net under every redirect lets that one pass and no other.
 * A symbol in the library, since the plugins know nothing of each other.
 */
export const kApprovedLocation: unique symbol = Symbol('fastify-bulwark.approved-location')
