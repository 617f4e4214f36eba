import { createHash } from 'node:crypto'
import t from 'tap'
import { password } from '../../../lib/input/password.ts'

const context = { request: { site: 'bulwark' }, signal: new AbortController().signal, values: { username: 'annabell' } }

t.test('new passwords', async (t) => {
  const rows: Array<[title: string, options: Parameters<typeof password>[0], value: string, expected: unknown]> = [
    ['15 characters by default', {}, 'a'.repeat(14), { key: 'passwordShort', params: { min: 15 } }],
    ['length in code points', {}, '\u{1f600}'.repeat(14), { key: 'passwordShort', params: { min: 15 } }],
    ['no rule speaks of digits or signs', {}, 'only letters here', undefined],
    ['8 characters when that is asked for', { min: 8 }, 'gx7-wq2z', undefined],
    ['one of the commonest', { min: 8 }, 'password123', 'passwordCommon'],
    ['in any letters', { min: 8 }, 'PassWord123', 'passwordCommon'],
    ['one of the commonest of at least 15', {}, '1qaz2wsx3edc4rfv', 'passwordCommon'],
    ['in wide normal form', { min: 8, common: ['caf\u00e9caf\u00e9'] }, 'CAFE\u0301CAFE\u0301', 'passwordCommon'],
    ['one of a longer list', { min: 8, common: ['Tr0ub4dor&3'] }, 'tr0ub4dor&3', 'passwordCommon'],
    ['made of the name of the user', { min: 8, context: (_request, { username }) => [username as string] }, 'Annabell2026', 'passwordContext'],
    ['made of the name of the site, several times', { min: 8, context: (request) => [(request as { site: string }).site] }, 'bulwarkbulwark!', 'passwordContext'],
    ['with the name and enough beside it', { min: 8, context: () => ['bulwark', undefined, 'ab'] }, 'bulwark and ab in the rain', undefined]
  ]
  for (const [title, options, value, expected] of rows) t.same(await password(options)(value, context), expected, title)
  for (const min of [7, 0, 8.5, NaN]) t.throws(() => password({ min }), RangeError)
})

t.test('published ones: five digits leave the process', async (t) => {
  const value = 'a published pass phrase'
  const hash = createHash('sha1').update(value).digest('hex').toUpperCase()
  const asked: string[] = []
  const breached = (lines: string) => async (prefix: string): Promise<string> => {
    asked.push(prefix)
    return lines
  }
  t.equal(await password({ breached: breached(`0${'A'.repeat(34)}:3\r\n${hash.slice(5)}:12\r\n`) })(value, context), 'passwordBreached')
  t.equal(await password({ breached: breached(`${hash.slice(5).toLowerCase()}:1`) })(value, context), 'passwordBreached')
  t.equal(await password({ breached: breached(`${hash.slice(5)}:0`) })(value, context), undefined, 'a padding line')
  t.equal(await password({ breached: breached('') })(value, context), undefined)
  t.same([...new Set(asked)], [hash.slice(0, 5)])
  const down = async (): Promise<string> => { throw new Error('down') }
  await t.rejects(password({ breached: down })(value, context), { message: 'down' })
  t.equal(await password({ breached: down, onBreachedFailure: 'accept' })(value, context), undefined)
  await t.rejects(password({ breached: down, onBreachedFailure: 'accept' })(value, { ...context, signal: AbortSignal.abort() }), { message: 'down' }, 'time that is up is no failure of the service')
})
