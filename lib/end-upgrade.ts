/** The parts of Node's request that are read. `inject` has a socket that cannot be ended. */
export interface UpgradeRequest {
  readonly headers: { readonly upgrade?: string | undefined }
  readonly socket: { end?: (done: () => void) => unknown, destroy?: () => unknown }
}

/** The parts of a reply that are written. */
export interface UpgradeReply {
  readonly raw: { once (event: 'finish', listener: () => void): unknown }
  header (name: string, value: string): unknown
}

/**
 * Has the connection end behind a reply that refuses to change the protocol. Whoever listens for upgrades has taken the socket from Node's server: nobody else
 * would end it, and nobody reads it, so that it is not even noticed when the client goes. A client could keep as many as it likes.
 */
export function endUpgrade ({ headers, socket }: UpgradeRequest, reply: UpgradeReply): void {
  if (headers.upgrade === undefined) return
  reply.header('connection', 'close')
  // Not ended alone: a client that does not end its side would keep it.
  reply.raw.once('finish', () => socket.end?.(() => socket.destroy?.()))
}
