import { createRequire } from 'node:module'
import fastifyView from '@fastify/view'
import ejs from 'ejs'
import { Eta } from 'eta'
import Fastify from 'fastify'
import t from 'tap'
import { printsRaw, type RenderText } from '../../../lib/input/view-engine.ts'

const require = createRequire(import.meta.url)
const { Liquid } = require('liquidjs') as { Liquid: new (options?: object) => object }

t.test('engines that print without escaping', async (t) => {
  const engines: Array<[name: string, engine: Record<string, unknown>, raw: boolean]> = [
    ['eta', { eta: new Eta() }, false],
    ['ejs', { ejs }, false],
    ['liquid', { liquid: new Liquid() }, true],
    ['liquid that escapes', { liquid: new Liquid({ outputEscape: 'escape' }) }, false],
    ['twig', { twig: require('twig') as object }, true]
  ]
  for (const [name, engine, raw] of engines) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyView, { engine: engine as never })
    t.equal(await printsRaw((app as unknown as { view: RenderText }).view), raw, name)
  }
  const dot = require('dot') as { template (text: string): (data: object) => string }
  t.equal(await printsRaw(({ raw }, data) => dot.template(raw)(data)), true, 'doT')
})
