import type { FastifyPluginAsync } from 'fastify'

/**
 * A plugin by the name of its package, without its types: those of the plugins that ours are compared with are written into Fastify's, and say of
 * `request.session` what is not so here.
 */
export async function importPlugin (name: string): Promise<FastifyPluginAsync<Record<string, unknown>>> {
  return (await import(name) as { default: FastifyPluginAsync<Record<string, unknown>> }).default
}
