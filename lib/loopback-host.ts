/** 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), and the former as a socket of IPv6 writes it. */
const LOOPBACK = /^(?:(?:[a-z\d-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]|\[::ffff:127(?:\.\d{1,3}){3}\])$/

/**
 * Whether a host, as `URL` gives it or without the dot at its end, is a name of this machine for itself (RFC 6761 §6.3) or one of its addresses. What is sent there
 * over plain http leaves no machine, and browsers trust it like https (W3C Secure Contexts §3.1).
 */
export function isLoopbackHost (host: string): boolean {
  return LOOPBACK.test(host)
}
