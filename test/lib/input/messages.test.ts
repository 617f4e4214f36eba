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

t.test('limits of files are said as people say them', async (t) => {
  const say = (key: MessageKey, given: object): string => english[key]({ label: '', ...given })
  t.equal(say('fileType', { values: ['png', 'jpg'] }), 'Choose a file of a kind that is taken here: PNG, JPG.')
  t.equal(say('fileType', {}), 'Choose a file of a kind that is taken here: .', 'whoever calls it without the kinds')
  t.equal(say('filePixels', { max: 25_000_000 }), 'Choose a picture of at most 25,000,000 pixels.')
  t.equal(say('fileSize', { max: 1_048_576 }), 'Choose a file of at most 1 MB.')
  t.equal(say('maxFiles', { max: 1 }), 'Choose at most 1 file.')
})

t.test('places of a sentence are filled', async (t) => {
  t.equal(fillIn('{label}: {min} to {max}, {nothing}', params), 'Name: 1 to 2, {nothing}')
  t.equal(fillIn('{toString} {__proto__}', params), '{toString} {__proto__}')
})
