import Fastify, { type FastifyContextConfig, type FastifyInstance } from 'fastify'
import t from 'tap'
import { files, type FilesOptions } from '../../plugins/files.ts'
import { checkMisuse, failureOf, SECRET, type Misuse } from './misuse.ts'
import { importPlugin } from './untyped-plugin.ts'

// A wrong option never starts: what is misspelt, of a wrong type, out of range or in contradiction.

const UNKNOWN = 'BULWARK_ERR_FILES_OPTION_UNKNOWN'
const INVALID = 'BULWARK_ERR_FILES_OPTION_INVALID'
const FORM = 'BULWARK_ERR_FILES_FORM_INVALID'

/** Of the plugin and of a route alike. */
const limits: readonly Misuse<unknown>[] = [
  ['limits that are a number', 5, INVALID, 'limits', 'an object'],
  ['limits that are null', null, INVALID, 'limits', 'an object'],
  ['a limit that is misspelt', { reqest: 1 }, UNKNOWN, 'limits.reqest', '`request`'],
  ['a limit in small letters', { fieldsize: 1 }, UNKNOWN, 'limits.fieldsize', '`fieldSize`'],
  ["@fastify/multipart's limit of files", { files: 3 }, UNKNOWN, 'limits.files', 'Did you mean'],
  ["@fastify/multipart's limit of a file", { fileSize: 3 }, UNKNOWN, 'limits.fileSize', 'Did you mean'],
  ...[['request', 'from 1'], ['fields', 'from 0'], ['fieldSize', 'from 1']].flatMap(([name, range]): Misuse<unknown>[] => [
    [`${name}: less than none`, { [name!]: -1 }, INVALID, `limits.${name}`, range!],
    [`${name}: a part`, { [name!]: 1.5 }, INVALID, `limits.${name}`, 'no integer'],
    [`${name}: as text`, { [name!]: SECRET }, INVALID, `limits.${name}`, 'an integer'],
    [`${name}: without an end`, { [name!]: Infinity }, INVALID, `limits.${name}`, 'an integer'],
    [`${name}: no number`, { [name!]: NaN }, INVALID, `limits.${name}`, 'an integer']
  ])
]

/** Of the plugin alone. */
const own: readonly Misuse<unknown>[] = [
  ['an option that is misspelt', { foldr: SECRET }, UNKNOWN, 'files.foldr', '`folder`'],
  ["multer's folder", { dest: SECRET }, UNKNOWN, 'files.dest', 'The names are'],
  ['a singular', { limit: {} }, UNKNOWN, 'files.limit', '`limits`'],
  ['a detector that is misspelt', { detec: () => undefined }, UNKNOWN, 'files.detec', '`detect`'],
  ['options that are text', SECRET, INVALID, 'files', 'an object'],
  ['options that are a list', [], INVALID, 'files', 'an object'],
  ['a folder that is a number', { folder: 5 }, INVALID, 'files.folder', 'the path of a folder'],
  ['a folder without a name', { folder: '' }, INVALID, 'files.folder', 'the path of a folder'],
  ['a folder that is not there', { folder: `/nowhere/${SECRET}` }, INVALID, 'files.folder', 'written to'],
  ['a detector that is a name', { detect: SECRET }, INVALID, 'files.detect', 'a function'],
  ['a detector that is a module', { detect: {} }, INVALID, 'files.detect', 'a function']
]

const field = (rest: object): object => ({ avatar: { types: ['png'], ...rest } })

/** Of `form.files` of a route. */
const forms: readonly Misuse<unknown>[] = [
  ['files that are text', SECRET, FORM, 'form.files', 'a plain object'],
  ['files that are null', null, FORM, 'form.files', 'a plain object'],
  ['files that are a list', ['avatar'], FORM, 'form.files', 'a plain object'],
  ['files that are a map', new Map([['avatar', { types: ['png'] }]]), FORM, 'form.files', 'a plain object'],
  ['a field that is text', { avatar: SECRET }, FORM, 'form.files.avatar', 'an object'],
  ['a field that is a list of kinds', { avatar: ['png'] }, FORM, 'form.files.avatar', 'an object'],
  ['a field without kinds', { avatar: {} }, FORM, 'form.files.avatar.types', 'an array'],
  ['a field of no kinds', { avatar: { types: [] } }, FORM, 'form.files.avatar.types', 'an array of length 0'],
  ['kinds that are text', { avatar: { types: 'png' } }, FORM, 'form.files.avatar.types', 'an array'],
  ['a kind', { avatar: { type: ['png'] } }, FORM, 'form.files.avatar.type', '`types`'],
  ['a kind that is misspelt', { avatar: { types: ['pgn'] } }, FORM, 'form.files.avatar.types', '`png`'],
  ['a media type', { avatar: { types: ['image/png'] } }, FORM, 'form.files.avatar.types', '`png`'],
  ['an ending with its dot', { avatar: { types: ['.png'] } }, FORM, 'form.files.avatar.types', '`png`'],
  ['a kind in capitals', { avatar: { types: ['PNG'] } }, FORM, 'form.files.avatar.types', '`png`'],
  ['a kind that only a detector knows', { avatar: { types: [SECRET] } }, FORM, 'form.files.avatar.types', '`detect`'],
  ['a kind that is a name of every object', { avatar: { types: ['constructor'] } }, FORM, 'form.files.avatar.types', 'The names are'],
  ['a kind that is a number', { avatar: { types: [5] } }, FORM, 'form.files.avatar.types.0', 'the name of a kind'],
  ['a rule that is misspelt', field({ maxsize: 1 }), FORM, 'form.files.avatar.maxsize', '`maxSize`'],
  ["@fastify/multipart's word", field({ fileSize: 1 }), FORM, 'form.files.avatar.fileSize', 'The names are'],
  ...['maxSize', 'maxCount', 'maxPixels', 'maxEntries', 'maxUnpacked'].flatMap((name): Misuse<unknown>[] => [
    [`${name}: none`, field({ [name]: 0 }), FORM, `form.files.avatar.${name}`, 'from 1'],
    [`${name}: less than none`, field({ [name]: -1 }), FORM, `form.files.avatar.${name}`, 'from 1'],
    [`${name}: as text`, field({ [name]: SECRET }), FORM, `form.files.avatar.${name}`, 'an integer'],
    [`${name}: without an end`, field({ [name]: Infinity }), FORM, `form.files.avatar.${name}`, 'an integer']
  ]),
  ['a file larger than the request', field({ maxSize: 1e9 }), FORM, 'form.files.avatar.maxSize', '`config.security.files.limits.request`'],
  ['a requirement as text', field({ required: SECRET }), FORM, 'form.files.avatar.required', 'a boolean'],
  ['a store that is misspelt', field({ store: 'memori' }), FORM, 'form.files.avatar.store', "`'memory'`"],
  ['a store that is a path', field({ store: SECRET }), FORM, 'form.files.avatar.store', "`'disk'`"]
]

/** Of `config.security` of a route. */
const routes: readonly Misuse<unknown>[] = [
  ['a plugin that is misspelt', { file: {} }, UNKNOWN, 'config.security.file', '`files`'],
  ['a setting that is true', { files: true }, INVALID, 'config.security.files', 'an object'],
  ['a setting that is text', { files: SECRET }, INVALID, 'config.security.files', 'an object'],
  ["a setting that is the application's", { files: { folder: SECRET } }, UNKNOWN, 'config.security.files.folder', '`limits`'],
  ['settings that are a list', [], UNKNOWN, 'config.security', 'an object']
]

const multipart = await importPlugin('@fastify/multipart')

async function failure (options: unknown, declare: (scope: FastifyInstance) => unknown = () => {}): Promise<unknown> {
  const app = Fastify()
  app.register(multipart)
  app.register(files, options as FilesOptions)
  app.register(async (scope) => { declare(scope) })
  return await failureOf(app)
}

t.test('options of the plugin', async (t) => {
  for (const entry of own) checkMisuse(t, await failure(entry[1]), entry)
  for (const entry of limits) checkMisuse(t, await failure({ limits: entry[1] }), entry)
})

t.test('settings of a route', async (t) => {
  const withSetting = (security: unknown): Promise<unknown> => failure({}, (scope) => scope.get('/', { config: { security } as FastifyContextConfig }, () => ''))
  for (const entry of routes) checkMisuse(t, await withSetting(entry[1]), entry)
  for (const entry of limits) {
    const error = await withSetting({ files: { limits: entry[1] } })
    checkMisuse(t, error, entry)
    t.match(error, { message: /^config\.security\.files\./ }, `${entry[0]}: the place is named`)
  }
})

t.test('the files of a form', async (t) => {
  for (const entry of forms) checkMisuse(t, await failure({}, (scope) => scope.post('/', { form: { files: entry[1] } } as object, () => '')), entry)
})

t.test('what looks odd and is right starts', async (t) => {
  const rows: Array<[what: string, options: FilesOptions, files: object]> = [
    ['no fields of files', {}, {}],
    ['a kind twice', {}, { avatar: { types: ['png', 'png'] } }],
    ['a kind that the detector knows', { detect: async () => undefined }, { avatar: { types: ['flac'] } }],
    ['no fields beside files', { limits: { fields: 0 } }, { avatar: { types: ['png'] } }],
    ['a name with brackets', {}, { 'pictures[]': { types: ['png'], maxCount: 3 } }]
  ]
  for (const [what, options, given] of rows) t.equal(await failure(options, (scope) => scope.post('/', { form: { files: given } } as object, () => '')), undefined, what)
})

t.test('a route with files needs @fastify/multipart', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(files)
  app.post('/', { form: { files: { avatar: { types: ['png'] } } } }, () => '')
  await t.rejects(async () => app.ready(), { code: 'BULWARK_ERR_FILES_MULTIPART_MISSING' })
})
