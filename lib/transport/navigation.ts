import type { TransportRequest } from './request.ts'

/** The media types of pages, in an Accept header. */
const ACCEPTS_PAGE = /\b(?:text\/html|application\/xhtml\+xml)\b/i

/**
 * Whether a browser asks for a page that somebody will look at.
 *
 * Over plain http a browser sends no Sec-Fetch-Mode, so that the Accept header decides there. What is no page is a program, which
 * has sent over the open network whatever it sent, and must be told instead of being led on (ASVS 5.0 4.1.2).
 */
export function isNavigation ({ method, headers }: Pick<TransportRequest, 'method' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  // An upgrade, to a WebSocket or another protocol, is no page, whatever it accepts.
  if (headers['upgrade'] !== undefined) return false
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate'
  return ACCEPTS_PAGE.test(String(headers['accept'] ?? ''))
}
