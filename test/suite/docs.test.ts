import { writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import { bulwarkDefaults, bulwarkSchema } from '../../lib/bulwark/settings.ts'
import { csrfDefaults, csrfSchema } from '../../lib/csrf/settings.ts'
import { ERRORS } from '../../lib/errors.ts'
import { fieldSchema, filesDefaults, filesSchema } from '../../lib/files/settings.ts'
import type { Pair, Variant } from '../../lib/headers/plan.ts'
import { Planner } from '../../lib/headers/planner.ts'
import { headersDefaults, PRESETS } from '../../lib/headers/presets.ts'
import { headersSchema, type HeadersOptions } from '../../lib/headers/settings.ts'
import { transportDefaults, transportSchema } from '../../lib/transport/settings.ts'
import { redirectDefaults, redirectSchema } from '../../lib/redirect/settings.ts'
import { sessionDefaults, sessionSchema } from '../../lib/session/settings.ts'
import { memoryStoreDefaults } from '../../lib/session/stores/memory.ts'
import { postgresStoreDefaults, postgresTables } from '../../lib/session/stores/postgres.ts'
import { redisStoreDefaults } from '../../lib/session/stores/redis.ts'
import { integrityDefaults, integritySchema } from '../../lib/integrity/settings.ts'
import { CLI_PARTS } from './cli-parts.ts'
import { inputDefaults, inputSchema } from '../../lib/input/settings.ts'
import { codesIn, HEADINGS, headingsOf, pages, plugins, read, root, rowsOf, sectionOf, tableOf } from './pages.ts'

// The documentation is held to the code. What can be derived from the code (tables between markers, quotations of examples) is
// compared with what the code gives; with UPDATE_DOCS=1 in the environment it is written anew instead.

const mayWrite = process.env['UPDATE_DOCS'] === '1'

// ---- what the code gives

type Node = Readonly<Record<string, unknown>>

function literal (value: unknown): string {
  return `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``
}

/** The alternatives of a schema node, unions of unions taken apart. */
function alternatives (node: Node): Node[] {
  return Array.isArray(node['anyOf']) ? (node['anyOf'] as Node[]).flatMap(alternatives) : [node]
}

function typeInWords (node: Node): string {
  const words: string[] = []
  const nodes = alternatives(node)
  const isArray = (node: Node): boolean => node['type'] === 'array'
  const isFalse = (node: Node): boolean => node['const'] === false
  for (const alternative of nodes.filter((node) => !isArray(node) && !isFalse(node))) {
    if ('const' in alternative) words.push(literal(alternative['const']))
    else if (alternative['type'] === 'integer') words.push(`an integer from ${String(alternative['minimum'])} to ${String(alternative['maximum'])}`)
    else if (alternative['type'] === 'object') words.push('an object')
    else if (typeof alternative['expected'] === 'string') words.push(alternative['expected'])
    else words.push(`a ${String(alternative['type'])}`)
  }
  for (const array of nodes.filter(isArray)) {
    const members = alternatives(array['items'] as Node)
    words.push(members.every((member) => 'const' in member) ? 'an array of these words' : `an array of ${String(members[0]!['type'])}s`)
  }
  if (nodes.some(isFalse)) words.push('`false`')
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`
}

/** True for an option, a part of one included, for which a preset has a value. */
function isPreset (name: string): boolean {
  return name.split('.').reduce<unknown>((value, key) => (value as Node | undefined)?.[key], PRESETS.strict) !== undefined
}

/** One row for each option and for each described part of it: name, type, default, description. */
function optionRows (schema: Node, path = ''): string[][] {
  const required = (schema['required'] ?? []) as string[]
  return Object.entries((schema['properties'] ?? {}) as Record<string, Node>).flatMap(([key, node]) => {
    const name = `${path}${key}`
    const fallback = 'default' in node ? literal(node['default']) : required.includes(key) ? 'required' : isPreset(name) ? '[preset](#presets)' : '—'
    const parts = alternatives(node).flatMap((alternative) => optionRows(alternative, `${name}.`))
    return typeof node['description'] === 'string' ? [[`\`${name}\``, typeInWords(node), fallback, node['description']], ...parts] : parts
  })
}

const planOf = (options: HeadersOptions): Planner['plan'] => new Planner({ lint: 'off', ...options }).plan
const canonical = (name: string): string => name.replace(/(^|-)(xss|\w)/g, (letters) => letters.toUpperCase())
const isPolicy = ([name]: Pair): boolean => name.startsWith('content-security-policy')

/** The two presets beside each other: what documents get over https, but for the policy. */
function presetRows (): string[][] {
  const [strict, article] = (['strict', 'article'] as const).map((preset) => new Map(planOf({ preset }).document.https.pairs.filter((pair) => !isPolicy(pair))))
  const cell = (value: string | undefined): string => value === undefined ? '—' : `\`${value}\``
  return [...new Set([...strict!.keys(), ...article!.keys()])].map((name) => [canonical(name), cell(strict!.get(name)), cell(article!.get(name))])
}

/** A policy as it is sent, one directive a line, with `…` in the place of the nonce. */
function policyLines ({ pairs, templates }: Variant, isNonceRead: boolean): string {
  const value = isNonceRead ? templates[0]!.template.join(3, { script: '…', style: '…' }) : pairs.find(isPolicy)![1]
  return `\`\`\`text\n${value.replaceAll('; ', ';\n')}\n\`\`\``
}

/** The options of every plugin and their defaults: a plugin adds its line here, and a table to its page. */
const OPTIONS: Readonly<Record<string, { readonly schema: object, readonly defaults: object }>> = {
  bulwark: { schema: bulwarkSchema, defaults: bulwarkDefaults },
  csrf: { schema: csrfSchema, defaults: csrfDefaults },
  files: { schema: filesSchema, defaults: filesDefaults },
  headers: { schema: headersSchema, defaults: headersDefaults },
  input: { schema: inputSchema, defaults: inputDefaults },
  integrity: { schema: integritySchema, defaults: integrityDefaults },
  redirect: { schema: redirectSchema, defaults: redirectDefaults },
  session: { schema: sessionSchema, defaults: sessionDefaults },
  transport: { schema: transportSchema, defaults: transportDefaults }
}

/** What stands between `<!-- name -->` and `<!-- /word -->`, where `word` is the part of the name before the colon. */
const DERIVED: Readonly<Record<string, () => string>> = {
  ...CLI_PARTS,
  ...Object.fromEntries(Object.entries(OPTIONS).map(([stem, { schema }]) => [`options:${stem}`, () => tableOf(['Option', 'Type', 'Default', 'Description'], optionRows(schema as Node))])),
  'fields:files': () => tableOf(['Key', 'Type', 'Default', 'Description'], optionRows(fieldSchema as Node)),
  'presets:headers': () => tableOf(['Header', '`strict`', '`article`'], presetRows()),
  'policy:strict-read': () => policyLines(planOf({}).document.https, true),
  'policy:strict-unread': () => policyLines(planOf({}).document.https, false),
  'policy:other': () => policyLines(planOf({}).nonDocument.https, false),
  'policy:article-read': () => policyLines(planOf({ preset: 'article' }).document.https, true),
  'sql:stores': () => `\`\`\`sql\n${postgresTables().trimEnd()}\n\`\`\``
}

/** A file, or the lines between `// #region name` and `// #endregion name`, without the indentation that they share. */
function quotation (source: string): string {
  const [file, region] = source.split('#') as [string, string | undefined]
  const text = read(file)
  if (region === undefined) return text.trimEnd()
  const found = new RegExp(`^ *// #region ${region}\\n([\\s\\S]*?)^ *// #endregion ${region}$`, 'm').exec(text)
  if (found === null) throw new Error(`${file} has no region ${region}.`)
  const lines = found[1]!.trimEnd().split('\n')
  const indentation = Math.min(...lines.filter((line) => line !== '').map((line) => /^ */.exec(line)![0].length))
  return lines.map((line) => line.slice(indentation)).join('\n')
}

/** The page as the code wants it. */
function renewed (page: string): string {
  return page
    .replace(/^(```[a-z]+ (\S+)\n)[\s\S]*?^```$/gm, (_, opening: string, source: string) => `${opening}${quotation(source)}\n\`\`\``)
    .replace(/^(<!-- ((\w+):\S+) -->\n)[\s\S]*?^(<!-- \/\3 -->)$/gm, (_, opening: string, name: string, _word, closing: string) => {
      const derive = DERIVED[name]
      if (derive === undefined) throw new Error(`Nothing is derived under the name ${name}.`)
      return `${opening}${derive()}\n${closing}`
    })
}

// ---- tests

t.test('tables and quotations are what the code gives', async (t) => {
  for (const page of pages) {
    const text = read(page)
    const wanted = renewed(text)
    if (mayWrite && wanted !== text) writeFileSync(new URL(page, root), wanted)
    else t.equal(text, wanted, `${page} (npm test with UPDATE_DOCS=1 writes it anew)`)
  }
  const markers = pages.flatMap((page) => [...read(page).matchAll(/^<!-- (\w+:\S+) -->$/gm)].map(([, name]) => name))
  t.same([...new Set(markers)].sort(), Object.keys(DERIVED).sort(), 'every derived part is on some page')
})

t.test('a difference on either side is found', async (t) => {
  const page = 'A\n<!-- policy:other -->\n```text\ndefault-src *\n```\n<!-- /policy -->\n```ts docs/examples/headers/merge.ts#merge\nwrong\n```\n'
  const wanted = renewed(page)
  t.match(wanted, "default-src 'none';\nframe-ancestors 'none'\n")
  t.match(wanted, '\n  contentSecurityPolicy: {\n')
  t.notMatch(wanted, 'wrong')
  t.equal(renewed(wanted), wanted)
  t.throws(() => renewed('<!-- policy:unknown -->\n<!-- /policy -->\n'))
  t.throws(() => renewed('```ts docs/examples/headers/merge.ts#unknown\n```\n'))
})

t.test('every block of TypeScript or JavaScript quotes a file', async (t) => {
  for (const page of pages) t.notMatch(read(page), /^```(?:ts|js|mjs|cjs|javascript|typescript)\s*$/m, page)
})

t.test('the defaults in the schema are those that are exported', async (t) => {
  t.same(Object.keys(OPTIONS).sort(), plugins)
  for (const [stem, { schema, defaults }] of Object.entries(OPTIONS)) {
    const { properties, required = [] } = schema as { properties: Record<string, Node>, required?: string[] }
    // What must be given, or is off when it is not, has no default.
    t.same(Object.keys(defaults).filter((key) => !(key in properties)), [], `${stem}: every default is that of an option`)
    for (const [key, node] of Object.entries(properties)) {
      if ('default' in node) t.same(node['default'], (defaults as Node)[key], `${stem}.${key}`)
      else if (key in defaults) t.ok(!required.includes(key), `${stem}.${key}`)
    }
  }
  t.same(Object.keys((headersSchema as { properties: object }).properties).sort(), Object.keys(headersDefaults).sort())
  const { document, nonDocument } = planOf({})
  const plan = planOf(headersDefaults)
  t.same([plan.document, plan.nonDocument], [document, nonDocument], 'to give the defaults is to give nothing')
})

t.test('the defaults of the stores are on their page', async (t) => {
  const page = read('docs/stores.md')
  const rows = new Map(['Memory', 'PostgreSQL'].flatMap((title) => rowsOf(sectionOf(page, title)).map(([name, value]) => [codesIn(name!)[0], value])))
  for (const [name, value] of Object.entries(memoryStoreDefaults)) t.equal(rows.get(name), value.toLocaleString('en'), name)
  for (const [name, value] of Object.entries(postgresStoreDefaults)) t.equal(rows.get(name), literal(value), name)
  t.match(sectionOf(page, 'Redis'), `The option \`prefix\` (${literal(redisStoreDefaults.prefix)})`)
})

t.test('the table of headers names every header of the default set and its values', async (t) => {
  const { document, nonDocument } = planOf({})
  const values = [new Map(document.https.pairs), new Map(nonDocument.https.pairs)]
  const rows = new Map(rowsOf(sectionOf(read('docs/headers.md'), 'What it adds')).map(([name, ...cells]) => [name!.toLowerCase(), cells]))
  const sent = [...new Set(values.flatMap((map) => [...map.keys()]))]
  t.same(sent.filter((name) => !rows.has(name)), [], 'each has a row')
  for (const [name, cells] of rows) {
    for (const [index, map] of values.entries()) {
      const [quoted] = codesIn(cells[index]!)
      if (quoted !== undefined) t.equal(quoted, map.get(name), name)
      else if (cells[index] === '—') t.notOk(map.has(name), `${name} is not sent`)
      else t.match(cells[index], /^(see below|option)$/, name)
    }
  }
})

t.test('the size of the headers is what the front page says', async (t) => {
  const sizeOf = ({ pairs }: Variant): string => `${pairs.length} / ${pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)}`
  const rows = rowsOf(sectionOf(read('README.md'), 'How it compares'))
  const row = (title: string): string | undefined => rows.find(([name]) => name!.startsWith(title))?.[2]
  t.equal(row('Headers on a JSON reply'), sizeOf(planOf({}).nonDocument.https))
  t.equal(row('Headers on an HTML reply'), sizeOf(planOf({}).document.https))
})

t.test('docs/errors.md has one heading a code, with its status and its sentence', async (t) => {
  const page = read('docs/errors.md')
  t.same(headingsOf(page).filter(({ level }) => level === 2).map(({ text }) => text), Object.keys(ERRORS))
  for (const [code, { statusCode, summary }] of Object.entries(ERRORS)) {
    const section = sectionOf(page, code)
    t.equal(section.trim().split('\n')[0], `Status ${statusCode}. ${summary}`, code)
    t.equal(section.match(/^\*\*When\*\* /gm)?.length, 1, `${code} says when, once`)
    t.equal(section.match(/^\*\*What to do\*\* /gm)?.length, 1, `${code} says what to do, once`)
  }
})

t.test('every plugin has a page with the seven headings, its errors and a row on the front page', async (t) => {
  const listed = rowsOf(sectionOf(read('README.md'), 'Plugins')).map(([name]) => codesIn(name!)[0])
  // The one that registers all others is the package itself.
  const subpathOf = (stem: string): string => stem === 'bulwark' ? '.' : `./${stem}`
  t.same(listed, plugins.map((stem) => posix.join('fastify-bulwark', subpathOf(stem))))
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> }
  for (const stem of plugins) {
    t.ok(subpathOf(stem) in exports, `${stem} is exported`)
    const page = read(`docs/${stem}.md`)
    t.same(headingsOf(page).filter(({ level }) => level < 3).map(({ text }) => text), [stem, ...HEADINGS], stem)
    const named = rowsOf(sectionOf(page, 'Errors')).map(([code]) => codesIn(code!)[0])
    t.same(named, Object.keys(ERRORS).filter((code) => code.startsWith(`BULWARK_ERR_${stem.toUpperCase()}_`)), stem)
  }
})
