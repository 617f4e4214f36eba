import t from 'tap'
import { inputDefaults, resolveSettings } from '../../../lib/input/settings.ts'

t.test('options', async (t) => {
  t.match(resolveSettings({}), { ...inputDefaults })
  t.match(resolveSettings({ limits: { fields: 3 } }).limits, { fields: 3, depth: 8 })
  const refused: Array<[options: unknown, code: string, message: RegExp]> = [
    [{ limit: {} }, 'BULWARK_ERR_INPUT_OPTION_UNKNOWN', /input\.limit: .*`limits`/],
    [{ limits: { field: 3 } }, 'BULWARK_ERR_INPUT_OPTION_UNKNOWN', /`fields`/],
    [{ lint: 'eror' }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /Did you mean `'error'`/],
    [{ limits: { depth: 0 } }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /from 1 to 100/],
    [{ checkTimeout: 0.5 }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /checkTimeout/],
    [{ accepts: [] }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /accepts/],
    [{ translate: 'x' }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /expected a function/],
    [{ formats: { x: /x/ } }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /formats\.x/],
    [{ messages: { required: 'x' } }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /messages\.required/],
    [{ setAside: 'x' }, 'BULWARK_ERR_INPUT_OPTION_INVALID', /setAside/],
    ['x', 'BULWARK_ERR_INPUT_OPTION_INVALID', /input: expected an object/]
  ]
  for (const [options, code, message] of refused) t.throws(() => resolveSettings(options), { code, message }, JSON.stringify(options))
})
