import { mkdtempSync, readdirSync, readlinkSync, rmSync, type Dirent } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { files, type FileField, type FilesOptions } from '../../plugins/files.ts'
import { CONTENT_TYPE, formBody, type FormPart } from '../lib/files/form-body.ts'

// What the tests of the plugin `files` share.

/** A folder of its own, so that a test sees what is left. */
export function folder (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'bulwark-test-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

export const ready = async (app: { ready (): PromiseLike<unknown> }): Promise<void> => { await app.ready() }
const left = (path: string): Dirent[] => readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

/** What the process has open in a folder. */
function openIn (path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)].filter((target) => target.startsWith(path))
    } catch {
      return []
    }
  })
}

/** Files are taken away behind the reply, which may be read before: nothing is left for a while, and so it stays. */
export async function nothingLeft (t: Test, path: string): Promise<void> {
  for (let calm = 0, tries = 0; calm < 5 && tries < 1000; tries++) {
    calm = left(path).length === 0 && openIn(path).length === 0 ? calm + 1 : 0
    await sleep(10)
  }
  t.same(left(path), [])
  t.same(openIn(path), [])
}

export interface Setup { readonly options?: FilesOptions, readonly fields?: Record<string, FileField>, readonly limits?: FilesOptions['limits'] }

export const summary = async (request: FastifyRequest): Promise<object> => ({
  fields: request.body ?? null,
  files: await Promise.all(request.uploads.all().map(async (upload) => ({ ...upload, storedName: undefined, sha256: await upload.sha256() })))
})

export async function build (t: Test, { options = {}, fields = { file: { types: ['txt'] } }, limits }: Setup = {}, handler: (request: FastifyRequest, reply: FastifyReply) => unknown = summary): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(files, options)
  app.post('/', { form: { files: fields }, ...limits && { config: { security: { files: { limits } } } } }, async (request, reply) => await handler(request, reply))
  return app
}

export const send = (app: FastifyInstance, ...parts: FormPart[]): Promise<LightMyRequestResponse> => app.inject({ method: 'POST', url: '/', headers: { 'content-type': CONTENT_TYPE }, payload: formBody(...parts) })
export const text = (data: string | Buffer = 'hello', filename = 'a.txt', name = 'file'): FormPart => ({ name, filename, data, type: 'text/html' })
