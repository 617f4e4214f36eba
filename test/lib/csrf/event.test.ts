import t from 'tap'
import { describeRefusal, type Reason } from '../../../lib/csrf/event.ts'

const names: Array<[reason: Reason, name: string]> = [
  ['cross-site', 'malicious_cors'], ['same-site', 'malicious_cors'], ['fetch-site-unknown', 'malicious_cors'], ['origin-foreign', 'malicious_cors'],
  ['referer-foreign', 'malicious_cors'], ['token-missing', 'input_validation_fail'], ['token-malformed', 'input_validation_fail'],
  ['token-unbound', 'input_validation_fail'], ['token-wrong', 'input_validation_fail']
]
for (const [reason, name] of names) {
  t.test(`${reason} is told as ${name}`, async (t) => {
    t.same(describeRefusal(reason, { method: 'POST', route: '/a', headers: {} }, true, 3),
      { name, reason, refused: true, method: 'POST', route: '/a', fetchSite: undefined, origin: undefined, referer: undefined, suppressed: 3 })
  })
}

t.test('headers are told as they came, short, and of an address its origin', async (t) => {
  const headers = { 'sec-fetch-site': 'x'.repeat(300), origin: 'null', referer: 'https://evil.test/secret?secret', cookie: 'secret', authorization: 'secret' }
  const event = describeRefusal('cross-site', { method: 'PUT', route: undefined, headers }, false, 0)
  t.same({ ...event, fetchSite: event.fetchSite?.length }, { name: 'malicious_cors', reason: 'cross-site', refused: false, method: 'PUT', route: undefined, fetchSite: 200, origin: 'null', referer: 'https://evil.test', suppressed: 0 })
  t.equal(describeRefusal('cross-site', { method: 'PUT', route: undefined, headers: { referer: 'secret' } }, false, 0).referer, 'null')
})
