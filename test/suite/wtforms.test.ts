import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { compileForm } from '../../lib/input/form-plan.ts'
import { readBody } from '../../lib/input/body.ts'
import { Part } from '../../lib/input/request-part.ts'
import { resolveSettings } from '../../lib/input/settings.ts'
import { equalTo, f, requiredIf } from '../../plugins/input.ts'

// Every validator of WTForms 3.1 beside ours. A row is: what a browser sends for the field, whether WTForms takes it, and, where ours
// differs on purpose, the reason.

type Row = [sent: string | undefined, theirs: boolean, reason?: string]

interface Validator { readonly schema: TSchema, readonly check?: object, readonly others?: Record<string, string>, readonly more?: Record<string, TSchema>, readonly rows: readonly Row[] }

const TRIMMED = 'forms are trimmed, and blanks alone are nothing'

const VALIDATORS: Record<string, Validator> = {
  DataRequired: { schema: f.text(), rows: [['a', true], ['0', true], ['false', true], ['', false], [' ', false], ['\t', false], [undefined, false], [' a ', true], ['é', true], ['-', true]] },
  InputRequired: { schema: f.text(), rows: [['a', true], ['0', true], ['', false], [' ', true, TRIMMED], ['  ', true, TRIMMED], [undefined, false], ['a b', true], ['\u{1f600}', true], ['false', true], ['.', true]] },
  Optional: { schema: Type.Optional(f.integer()), rows: [['', true], [' ', true], [undefined, true], ['\t', true], ['1', true], ['x', false], ['1.5', false], [' 1 ', true], ['0', true], ['-1', true]] },
  Length: { schema: f.text({ min: 3, max: 5 }), rows: [['abc', true], ['abcde', true], ['ab', false], ['abcdef', false], ['', false], ['äöü', true], ['\u{1f600}\u{1f600}\u{1f600}', true], ['\u{1f600}\u{1f600}', false], ['a c', true], ['ab ', true, TRIMMED], ['a', false]] },
  NumberRange: { schema: f.number({ min: 1, max: 10 }), rows: [['1', true], ['10', true], ['0', false], ['11', false], ['5.5', true], ['0.999', false], ['', false], ['nan', false], ['x', false], ['-5', false], ['1e1', true], ['inf', false]] },
  EqualTo: { schema: f.text(), check: { a: equalTo('b') }, others: { b: 'one' }, more: { b: f.text() }, rows: [['one', true], ['two', false], ['One', false], ['one1', false], ['', false], [undefined, false], ['on', false], ['0', false], ['one two', false], ['ｏｎｅ', false]] },
  Regexp: { schema: f.text({ pattern: '^[a-z]+$' }), rows: [['abc', true], ['ABC', false], ['ab1', false], ['1ab', false], ['', false], ['a b', false], ['é', false], ['a', true], ['a\n', true], ['a-b', false]] },
  'Regexp, without an end': { schema: f.text({ pattern: '^(?:a.*)$' }), rows: [['a', true], ['abc', true], ['b', false], ['ba', false], ['', false], ['a b', true], ['A', false], ['ab1', true], ['aa', true], ['1a', false]] },
  Email: {
    schema: f.email(),
    rows: [['a@b.co', true], ['a.b+c@sub.example.com', true], ['a', false], ['a@', false], ['@b.co', false], ['a@b', false], ['a b@c.co', false], ['a@b..co', false], ['"a b"@c.co', false], ['<script>@c.co', false], ['a@[1.2.3.4]', false],
      ['ü@b.co', true, 'mail servers that take it are few; `<input type=email>` does not either'], ['a@bücher.example', true, 'a browser sends the domain in its ASCII form'], ['a@b.co ', false, TRIMMED]]
  },
  IPAddress: { schema: f.ip(), rows: [['1.2.3.4', true], ['::1', true], ['256.1.1.1', false], ['1.2.3', false], ['abc', false], ['', false], ['2001:db8::1', true], ['1.2.3.4.5', false], ['fe80::1%eth0', true, 'a zone names a card of one machine'], ['1.2.3.a', false], ['::ffff:1.2.3.4', true]] },
  MacAddress: { schema: f.mac(), rows: [['01:23:45:67:ab:CD', true], ['01:23:45:67:89', false], ['01:23:45:67:89:zz', false], ['01-23-45-67-ab-CD', false, 'the form of Windows and of IEEE 802'], ['0123456789ab', false], ['', false], ['01:23:45:67:89:ab:cd', false], ['1:23:45:67:89:ab', false], ['01:23:45:67:89:ab\n', true], ['x', false]] },
  URL: {
    schema: f.url(),
    rows: [['https://example.com', true], ['http://example.com/a?b=c', true], ['http://localhost', false, 'a name without a dot is one, too'], ['http://1.2.3.4/', true], ['x', false], ['', false], ['http://', false], ['//example.com', false],
      ['javascript://example.com/%0aalert(1)', true, 'it runs when it is followed'], ['ftp://example.com', true, 'http and https, unless `protocols` says otherwise'], ['http://example.com:99999', true, 'there is no such port'], ['http://example.com#f', false, 'a fragment is part of a URL'], ['https://u:p@example.com', false]]
  },
  UUID: {
    schema: f.uuid(),
    rows: [['6ba7b810-9dad-11d1-80b4-00c04fd430c8', true], ['6BA7B810-9DAD-11D1-80B4-00C04FD430C8', true], ['x', false], ['', false], ['6ba7b810-9dad-11d1-80b4-00c04fd430cz', false], ['6ba7b810-9dad-11d1-80b4', false], ['6ba7b8109dad11d180b400c04fd430c8', true, 'one form, so that one value is one text'],
      ['{6ba7b810-9dad-11d1-80b4-00c04fd430c8}', true, 'one form, so that one value is one text'], ['urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8', true, 'one form, so that one value is one text'], ['00000000-0000-0000-0000-000000000000', true]]
  },
  AnyOf: { schema: f.choice(['red', 'green', '1']), rows: [['red', true], ['green', true], ['blue', false], ['', false], ['Red', false], ['red ', false, TRIMMED], ['1', true], ['true', false], [undefined, false], ['redgreen', false]] },
  NoneOf: { schema: Type.Refine(f.text(), (text) => !['admin', 'root'].includes(text), () => 'noneOf'), rows: [['anna', true], ['admin', false], ['root', false], ['Admin', true], ['admin1', true], [' admin', true, TRIMMED], ['ad min', true], ['roots', true], ['x', true], ['rooot', true]] },
  'InputRequired, of a box (BooleanField)': { schema: f.agreement(), rows: [['on', true], ['y', true], ['1', true], ['true', true], ['yes', true], [undefined, false], ['', false], ['false', false], ['False', true, 'a word is read in any letters'], ['maybe', true, 'a word that means neither is refused']] },
  SelectField: { schema: f.choice(['a', 'b']), rows: [['a', true], ['b', true], ['c', false], ['', false], [undefined, false], ['A', false], ['ab', false], ['0', false], ['a,b', false], ['b ', false, TRIMMED]] },
  IntegerField: { schema: f.integer(), rows: [['12', true], [' 12 ', true], ['-3', true], ['+5', true], ['', false], ['1.5', false], ['0x10', false], ['1e2', false], ['1_000', true, 'Python has this way of writing, people do not'], ['１２', true, 'digits of one script'], ['9007199254740993', true, 'no number of JavaScript is it'], ['x', false]] },
  DecimalField: { schema: f.decimal(), rows: [['12.50', true], ['12', true], ['-1', true], ['0.1', true], ['x', false], ['', false], ['1,5', false], ['1e2', true, 'an amount is written out'], ['NaN', true, 'no amount'], ['1.505', true, 'more places than there are'], ['Infinity', true, 'no amount']] },
  DateField: { schema: f.date(), rows: [['2026-11-25', true], ['2024-02-29', true], ['2026-02-29', false], ['2026-13-01', false], ['25.11.2026', false], ['', false], ['2026-1-5', true, 'one form: that which a browser sends'], ['x', false], ['0000-01-01', false], ['2026-11-31', false]] },
  TimeField: { schema: f.time(), rows: [['14:30', true], ['00:00', true], ['24:00', false], ['14:60', false], ['2:30 pm', false], ['', false], ['1430', false], ['23:59', true], ['14:30Z', false], ['x', false]] },
  'requiredIf (none in WTForms: DataRequired by hand)': { schema: Type.Optional(f.text()), check: { a: requiredIf('b', 'US') }, others: { b: 'US' }, more: { b: f.text() }, rows: [['CA', true], ['', false], [undefined, false], [' ', false], ['x', true], ['0', true], ['false', true], ['é', true], ['-', true], ['a b', true]] }
}

t.test('every validator of WTForms', async (t) => {
  for (const [name, { schema, check = {}, others = {}, more = {}, rows }] of Object.entries(VALIDATORS)) {
    t.ok(rows.length >= 10, `${name} has ten cases`)
    const body = new Part(Type.Object({ a: schema, ...more }), { known: {}, formats: {}, isClosed: true, depth: 3 }, 'body', 100)
    const plan = compileForm({ check }, body, ['form'])
    for (const [sent, theirs, reason] of rows) {
      const { faults } = readBody(plan, 'form', { ...others, ...sent === undefined ? {} : { a: sent } }, resolveSettings({}), () => {})
      t.equal(faults.length === 0, reason === undefined ? theirs : !theirs, `${name}: ${JSON.stringify(sent)}${reason === undefined ? '' : `, unlike WTForms: ${reason}`}`)
    }
  }
})
