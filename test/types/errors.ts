// Compiled with the tests and never run: the public names as a user would import them, and what the types refuse.

import Fastify from 'fastify'
import { ERRORS, SecurityError, type ErrorCode, type ErrorEntry } from 'fastify-bulwark/errors'

export const error: Error = new SecurityError('BULWARK_ERR_HEADERS_SENT', 'too late', { cause: new Error('why') })
export const code: ErrorCode = new SecurityError('BULWARK_ERR_HEADERS_SENT').code
export const entry: ErrorEntry = ERRORS[code]
export const summary: string = ERRORS.BULWARK_ERR_HEADERS_SENT.summary

// @ts-expect-error: no error has this code
export const unknownCode: ErrorCode = 'BULWARK_ERR_HEADERS_SEND'
// @ts-expect-error: nor can one be made
export const unknownError: Error = new SecurityError('BULWARK_ERR_HEADERS_SEND')
// @ts-expect-error: an error keeps its code
new SecurityError('BULWARK_ERR_HEADERS_SENT').code = 'BULWARK_ERR_HEADERS_MISSING'
// @ts-expect-error: and its status
new SecurityError('BULWARK_ERR_HEADERS_SENT').statusCode = 200
// @ts-expect-error: the table is frozen
ERRORS.BULWARK_ERR_HEADERS_SENT = { statusCode: 200, summary: '' }
// @ts-expect-error: so are its entries
ERRORS.BULWARK_ERR_HEADERS_SENT.statusCode = 200

Fastify().setErrorHandler((error, _request, reply) => {
  if (error instanceof SecurityError && error.code === 'BULWARK_ERR_HEADERS_SOURCE_REFUSED') return reply.code(error.statusCode).send(error.message)
  throw error
})
