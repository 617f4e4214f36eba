import type { Readable } from 'node:stream'
import { kTornBody } from '../torn-body.ts'

/** What the beginning of a multipart body holds. */
export interface FirstPart {
  /** The value of the field, `undefined` where the first part is none or another one. */
  readonly value: string | undefined
  /** The beginning as it is to be read by whoever parses the body: without that part, and as long as before. */
  readonly head: Buffer
}

/** RFC 2046 §5.1.1: 1 to 70 characters. */
const BOUNDARY = /^multipart\/form-data\b.*?;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i

/** More than a part with a token takes, and not enough to be worth sending more. */
const MOST_BYTES = 1024

const CRLF = '\r\n'

/** The boundary of a multipart form by its Content-Type, `undefined` for a body of another kind. */
export function boundaryOf (contentType: string | undefined): string | undefined {
  const match = BOUNDARY.exec(contentType ?? '')
  return match === null ? undefined : match[1] ?? match[2]
}

/**
 * Looks for the field `name` in the first part of a multipart body (RFC 7578), of which `head` is the beginning; `undefined` where more of it
 * is needed to tell, which is the case for 1024 bytes and two boundaries at the most.
 *
 * A part that is found is overwritten by line breaks, which stand before the first boundary and are skipped by who parses it (RFC 2046
 * §5.1.1): the body keeps its length, which was announced in Content-Length.
 */
export function findFirstPart (head: Buffer, boundary: string, name: string): FirstPart | undefined {
  const absent = { value: undefined, head }
  // Bytes as characters of one byte: positions are the same in both.
  const text = head.toString('latin1', 0, MOST_BYTES + 2 * boundary.length)
  const more = text.length < MOST_BYTES + 2 * boundary.length ? undefined : absent
  const opening = `--${boundary}${CRLF}`
  if (!text.startsWith(opening)) return opening.startsWith(text) ? more : absent
  const endOfHeaders = text.indexOf(CRLF + CRLF, opening.length - CRLF.length)
  if (endOfHeaders === -1) return more
  if (!namesField(text.slice(opening.length, endOfHeaders), name)) return absent
  const start = endOfHeaders + 2 * CRLF.length
  const end = text.indexOf(`${CRLF}--${boundary}`, start)
  if (end === -1) return more
  const next = end + CRLF.length
  const rest = Buffer.from(head)
  rest.fill(CRLF, 0, next)
  // An odd number of bytes has to begin with half of a line break, which is skipped like a whole one.
  if (next % 2 === 1) rest.fill(`\n${CRLF.repeat((next - 1) / 2)}`, 0, next)
  return { value: text.slice(start, end), head: rest }
}

/** Whether the headers of a part say that it is the field, and no file. */
function namesField (headers: string, name: string): boolean {
  const disposition = /^content-disposition:[ \t]*form-data[ \t]*;(.*)$/im.exec(headers)?.[1]
  return disposition !== undefined && !/;[ \t]*filename/i.test(disposition) && /^[ \t]*name=("?)(.*?)\1[ \t]*$/i.exec(disposition)?.[2] === name
}

/**
 * Reads from `stream` until the first part is known, puts back what is left of what was read, and tells its value; whoever reads on finds the
 * body from its beginning. For a stream that ends, breaks off or fails before, the value is `undefined`; one that ends is marked as torn.
 */
export function readFirstPart (stream: Readable, boundary: string, name: string, done: (value: string | undefined) => void): void {
  let head = Buffer.alloc(0)
  const settle = (value?: string): void => {
    stream.off('readable', onReadable).off('end', settleTorn).off('close', settleWithout).off('error', settleWithout)
    done(value)
  }
  const settleWithout = (): void => settle()
  const settleTorn = (): void => {
    (stream as { [kTornBody]?: true })[kTornBody] = true
    settle()
  }
  // It emits nothing any more.
  if (stream.readableEnded || stream.destroyed) return done(undefined)
  const onReadable = (): void => {
    for (let chunk: Buffer | string | null; (chunk = stream.read() as Buffer | string | null) !== null;) {
      head = Buffer.concat([head, Buffer.from(chunk as string)])
      const part = findFirstPart(head, boundary, name)
      if (part === undefined) continue
      stream.unshift(part.head)
      return settle(part.value)
    }
  }
  stream.on('readable', onReadable).on('end', settleTorn).on('close', settleWithout).on('error', settleWithout)
}
