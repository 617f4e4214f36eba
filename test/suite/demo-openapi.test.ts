import { createRequire } from 'node:module'
import t from 'tap'
import { build } from '../../docs/demo/server.ts'

const require = createRequire(import.meta.url)
const { Validator } = require('@seriousme/openapi-schema-validator') as { Validator: new () => { validate (document: object): Promise<{ valid: boolean, errors?: unknown }> } }

t.test('the description of the demonstration is valid OpenAPI, with the fields of its forms', async (t) => {
  const app = await build()
  t.teardown(() => app.close())
  const reply = await app.inject('/openapi.json')
  t.equal(reply.statusCode, 200)
  const document = reply.json<{ paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: { properties: Record<string, { maxLength?: number }>, required: string[] } }> } }>> }>()
  t.match(await new Validator().validate(document), { valid: true })
  const { requestBody } = document.paths['/forms']!['post']!
  const [content] = Object.values(requestBody!.content)
  t.same(Object.keys(content!.schema.properties).filter((name) => ['username', 'email', 'activation_key'].includes(name)).length, 3)
  t.equal(content!.schema.properties['username']!.maxLength, 25)
})
