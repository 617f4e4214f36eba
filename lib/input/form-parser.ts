import { isUtf8 } from 'node:buffer'
import { parse } from 'node:querystring'
import { SecurityError } from '../errors.ts'

/** The parser of forms, for an application that has none: an application with `@fastify/formbody` keeps that one. */
export const FORM_TYPE: RegExp = /^application\/x-www-form-urlencoded(?:\s*;|$)/i

/**
 * Reads the body of a form: names to one text, or to a list where a name came several times.
 *
 * Throws `SecurityError` `BULWARK_ERR_INPUT_BODY_REFUSED` for bytes that are no UTF-8. At most `fields` names and one are read: one more
 * than is admitted.
 */
export function parseForm (body: Buffer, fields: number): Readonly<Record<string, string | string[] | undefined>> {
  if (!isUtf8(body)) throw new SecurityError('BULWARK_ERR_INPUT_BODY_REFUSED')
  return parse(body.toString(), '&', '=', { maxKeys: fields + 1 })
}
