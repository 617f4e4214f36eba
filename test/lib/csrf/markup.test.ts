import t from 'tap'
import { hiddenInput, metaElement } from '../../../lib/csrf/markup.ts'

t.test('the token in HTML', async (t) => {
  t.equal(hiddenInput('_csrf', 'a-B_9'), '<input type="hidden" name="_csrf" value="a-B_9">')
  t.equal(metaElement('a-B_9'), '<meta name="csrf-token" content="a-B_9">')
})
