import t from 'tap'
import { unheardProxyHeader } from '../../../lib/transport/unheard-proxy.ts'

const cases: Array<[headers: Record<string, string>, name: string | undefined]> = [
  [{ 'x-forwarded-proto': 'https' }, 'x-forwarded-proto'],
  [{ 'x-forwarded-proto': 'HTTPS' }, 'x-forwarded-proto'],
  [{ 'x-forwarded-proto': 'https, http' }, 'x-forwarded-proto'],
  [{ forwarded: 'for=192.0.2.1;proto=https;by=10.0.0.1' }, 'forwarded'],
  [{ 'x-forwarded-ssl': 'on' }, 'x-forwarded-ssl'],
  [{ 'front-end-https': 'On' }, 'front-end-https'],
  [{ 'cf-visitor': '{"scheme":"https"}' }, 'cf-visitor'],
  [{ 'x-forwarded-proto': 'http' }, undefined],
  [{ 'x-forwarded-proto': 'httpss' }, undefined],
  [{ 'x-forwarded-ssl': 'off' }, undefined],
  [{ referer: 'https://app.test/' }, undefined],
  [{}, undefined]
]

for (const [headers, name] of cases) {
  t.test(`a proxy that is not heard: ${JSON.stringify(headers)}`, async (t) => t.equal(unheardProxyHeader(headers), name))
}
