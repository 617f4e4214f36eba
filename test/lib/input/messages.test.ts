import t from 'tap'
import { english, fillIn, type MessageKey } from '../../../lib/input/messages.ts'

const params = { label: 'Name', min: 1, max: 2, step: 5, other: 'Other', values: ['a'] }

t.test('every sentence is one', async (t) => {
  for (const [key, message] of Object.entries(english)) t.match(message(params), /^[A-Z].*\.$/, key)
})

t.test('one and several', async (t) => {
  const say = (key: MessageKey, given: object): string => english[key]({ label: '', ...given })
  t.equal(say('minLength', { min: 1 }), 'Use at least 1 character.')
  t.equal(say('minLength', { min: 2 }), 'Use at least 2 characters.')
  t.equal(say('maxItems', { max: 1 }), 'Give at most 1 entry.')
  t.equal(say('minimum', { min: 1, max: 3 }), 'Enter a number from 1 to 3.')
  t.equal(say('minimum', { min: 1 }), 'Enter a number of at least 1.')
  t.equal(say('maximum', { max: 3 }), 'Enter a number of at most 3.')
  t.equal(say('maximum', { min: -Number.MAX_SAFE_INTEGER, max: 3 }), 'Enter a number of at most 3.')
  t.equal(say('minimum', { min: 18, max: Number.MAX_SAFE_INTEGER }), 'Enter a number of at least 18.')
})

t.test('places of a sentence are filled', async (t) => {
  t.equal(fillIn('{label}: {min} to {max}, {nothing}', params), 'Name: 1 to 2, {nothing}')
  t.equal(fillIn('{toString} {__proto__}', params), '{toString} {__proto__}')
})
