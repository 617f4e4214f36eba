import t from 'tap'
import { isMultipart, kindOfBody } from '../../../lib/input/body-kind.ts'

t.test('the kind of a body', async (t) => {
  const rows: Array<[type: string | undefined, kind: string | undefined]> = [
    ['application/json', 'json'],
    ['Application/JSON', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json;charset="UTF-8"', 'json'],
    ['application/json; charset=utf8', 'json'],
    ['application/vnd.x+json', 'json'],
    ['application/x-www-form-urlencoded', 'form'],
    ['application/x-www-form-urlencoded; charset=US-ASCII', 'form'],
    ['application/json; charset=utf-16', undefined],
    ['application/json; charset=utf-7', undefined],
    ['application/json; charset=utf-8; charset=utf-7', undefined],
    ['application/json; charset=', undefined],
    ['text/plain', undefined],
    ['text/plain; application/json', undefined],
    ['text/json', undefined],
    ['application/jsonx', undefined],
    ['application/json, text/plain', undefined],
    ['application/json\ttext', undefined],
    ['application/json\u00a0', undefined],
    ['\u00a0application/json', undefined],
    ['application/json\u000b; charset=utf-8', undefined],
    ['\tapplication/json \t;charset=utf-8', 'json'],
    ['multipart/form-data; boundary=x', undefined],
    ['application/xml', undefined],
    ['', undefined],
    ['json', undefined],
    [undefined, undefined]
  ]
  for (const [type, kind] of rows) t.equal(kindOfBody(type), kind, String(type))
})

for (const [type, expected] of [
  ['multipart/form-data; boundary=x', true], [' Multipart/Form-Data ;boundary=x', true], ['multipart/form-data', false], ['multipart/mixed; boundary=x', false], ['x; multipart/form-data;', false], [undefined, false]
] as const) t.equal(isMultipart(type), expected, `in parts: ${type}`)
