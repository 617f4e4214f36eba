import t from 'tap'

t.test('there are types alone, which test/types/input.ts tries', async (t) => {
  t.same(Object.keys(await import('../../../lib/input/form-type.ts')), [])
})
