import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'

/** For `preHandler`: of a body, the fields that are text. A request may come without a body, and JSON may hold anything. */
export function keepTextFields (request: FastifyRequest, _reply: FastifyReply, next: HookHandlerDoneFunction): void {
  const fields = typeof request.body === 'object' && request.body !== null ? Object.entries(request.body) : []
  request.body = Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'))
  next()
}
