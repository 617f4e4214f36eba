import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { bulwark } from '../../plugins/bulwark.ts'
import { declareRoutes, OPTIONS, ORDER, repliesOf, take, type Step } from './whole.ts'

// The order in which plugins are registered changes no reply, as long as a request has one fault at the most: of two, that plugin speaks which sees it first.

const SEED = 20_261_125
const ORDERS = 100

async function answer (register: (app: FastifyInstance) => Promise<void>): Promise<Record<string, string>> {
  const app = Fastify({ trustProxy: '10.0.0.0/8' }) as unknown as FastifyInstance
  await register(app)
  declareRoutes(app)
  const replies = await repliesOf(app)
  await app.close()
  return replies
}

const inOrder = async (order: readonly Step[]): Promise<Record<string, string>> => await answer(async (app) => { for (const step of order) await take(app, step) })
const reference = await inOrder(ORDER)

t.test('the replies are what they should be', async (t) => {
  const statuses: Record<string, number> = {
    form: 200,
    'login, good': 303,
    page: 200,
    'page, HEAD': 200,
    'page, OPTIONS': 404,
    data: 200,
    'form, good': 200,
    'form, wrong': 422,
    'form, by its token': 200,
    'form, without a token': 403,
    'form, of another site': 403,
    'form, as JSON': 200,
    'a body that nobody reads': 415,
    'login, wrong': 422,
    'login, and on to another site': 400,
    me: 200,
    'me, a stranger': 302,
    'me, a program': 401,
    'redirect, good': 302,
    'redirect, bad': 400,
    nowhere: 404,
    'nowhere, POST': 404,
    'upload, good': 200,
    'upload, of another kind': 422,
    'upload, by its token': 200,
    download: 200,
    'a file': 200,
    'a file that is not there': 404,
    'http, a page': 308,
    'http, a program': 403,
    'another host': 421,
    'a host that is none': 400
  }
  t.same(Object.fromEntries(Object.entries(reference).map(([name, line]) => [name, Number(line.slice(0, 3))])), statuses)
  for (const [name, line] of Object.entries(reference)) t.match(line, '\nx-content-type-options: nosniff\n', `${name} has its headers`)
})

t.test('everything at once is the plugins one by one', async (t) => {
  const peers = ORDER.filter((step) => step === 'multipart' || step === 'formbody' || step === 'static')
  t.same(await answer(async (app) => {
    await app.register(bulwark, OPTIONS)
    for (const step of peers) await take(app, step)
  }), reference)
})

t.test(`${ORDERS} orders give the same replies, byte for byte but for nonces, tokens and cookies`, async (t) => {
  const seen = new Set<string>()
  for (const order of fc.sample(fc.shuffledSubarray([...ORDER], { minLength: ORDER.length }), { seed: SEED, numRuns: ORDERS })) {
    seen.add(order.join())
    const replies = await inOrder(order)
    const different = Object.keys(reference).filter((name) => replies[name] !== reference[name])
    if (different.length > 0) t.equal(replies[different[0]!], reference[different[0]!], `${order.join(', ')}: ${different.join('; ')}`)
  }
  t.equal(seen.size, ORDERS, 'no order came twice')
})
