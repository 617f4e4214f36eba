import t from 'tap'
import { unpackResponse } from '../../lib/web-response.ts'
import { MemoryTarget } from './headers/memory-target.ts'

class ResponseTarget extends MemoryTarget {
  code (status: number): void {
    this.statusCode = status
  }
}

t.test('a Response is taken apart: status and headers go to the reply, its body is what is sent', async (t) => {
  const target = new ResponseTarget()
  const response = new Response('<p>', { status: 418, headers: { 'content-type': 'text/html', 'Cache-Control': 'public' } })
  t.equal(unpackResponse(target, response), response.body)
  t.equal(target.statusCode, 418)
  t.same(Object.fromEntries(target.headers), { 'content-type': 'text/html', 'cache-control': 'public' })
})

t.test('a Response without a body sends nothing', async (t) => {
  t.equal(unpackResponse(new ResponseTarget(), new Response(null, { status: 204 })), null)
})

t.test('a Response of another package is one by its tag', async (t) => {
  const target = new ResponseTarget()
  const foreign = { [Symbol.toStringTag]: 'Response', status: 201, headers: new Map([['x-a', '1']]), body: 'text', bodyUsed: false }
  t.equal(unpackResponse(target, foreign), 'text')
  t.equal(target.statusCode, 201)
  t.equal(target.getHeader('x-a'), '1')
})

t.test('a Response that was read is left for Fastify to refuse', async (t) => {
  const target = new ResponseTarget()
  const response = new Response('x', { status: 500 })
  await response.text()
  t.equal(unpackResponse(target, response), response)
  t.equal(target.statusCode, 200)
})

t.test('any other payload is sent as it is', async (t) => {
  for (const payload of ['text', null, undefined, 5, Buffer.from('x'), { status: 500 }, [], new Request('http://a.test')]) {
    const target = new ResponseTarget()
    t.equal(unpackResponse(target, payload), payload)
    t.equal(target.statusCode, 200)
  }
})
