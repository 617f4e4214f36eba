import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import ts from 'typescript'

// docs/asvs.md is held to the tests: every proof names a file and the title of a test in it, found in the syntax tree and so not in
// a comment, and not skipped. All files are part of a full run, and a test that fails fails it: a proof cannot be there and not pass.

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const files = (folder: string, extension: RegExp): string[] => readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
  .filter((name) => extension.test(name)).map((name) => `${folder}/${name}`)

const { sections } = JSON.parse(read('test/corpora/asvs-5.0.json')) as { sections: Record<string, string> }
const LEVELS = new Map<string, number>(Object.entries(sections).flatMap(([section, levels]) => [...levels].map((level, index) => [`${section}.${index + 1}`, Number(level)] as const)))
const ORDER = [...LEVELS.keys()]

// ---- the page

interface Proof { readonly file: string, readonly title: string }
interface Row { readonly id: string, readonly level: number, readonly here: string, readonly proofs: readonly Proof[] }

function proofsIn (cell: string): Proof[] {
  if (cell === '—') return []
  return cell.split('<br>').map((text) => {
    const [, file, title] = /^`([^`]+)` › (.+)$/.exec(text) ?? []
    if (file === undefined || title === undefined) throw new Error(`No proof: ${text}`)
    return { file, title: title.replaceAll('\\|', '|') }
  })
}

function rowsIn (page: string): Row[] {
  return [...page.matchAll(/^\| (\d+\.\d+\.\d+) \| (\d) \| .+? \| (.+?) \| (.+) \|$/gm)]
    .map(([, id, level, here, proof]) => ({ id: id!, level: Number(level), here: here!, proofs: proofsIn(proof!) }))
}

/** The ids that a text such as `1.2.6 to 1.2.8, 1.4, 8` means. */
function idsIn (text: string): string[] {
  return text.split(', ').flatMap((part) => {
    const [first, last = first] = part.split(' to ') as [string, string | undefined]
    const within = (id: string, range: string): boolean => id === range || id.startsWith(`${range}.`)
    const start = ORDER.findIndex((id) => within(id, first))
    const end = ORDER.findLastIndex((id) => within(id, last))
    if (start === -1 || end < start) throw new Error(`No requirement: ${part}`)
    return ORDER.slice(start, end + 1)
  })
}

const page = read('docs/asvs.md')
const rows = rowsIn(page)
const outside = [...page.slice(page.indexOf('## What is not here')).matchAll(/^\| (\d[^|]*) \|/gm)].flatMap(([, text]) => idsIn(text!))

t.test('every requirement of ASVS 5.0 is on the page, once and with its level', async (t) => {
  t.equal(ORDER.length, 345)
  t.same([...rows.map(({ id }) => id), ...outside].sort(), [...ORDER].sort())
  t.same(rows.map(({ id }) => id), ORDER.filter((id) => rows.some((row) => row.id === id)), 'in order')
  for (const { id, level } of rows) t.equal(level, LEVELS.get(id), id)
})

t.test('a row has a proof, or says why there is none', async (t) => {
  for (const { id, here, proofs } of rows) t.ok(proofs.length > 0 || /^Yours|Fastify|^`files`: `f\.file` or `form\.files` of each route|By reading/.test(here), id)
  t.ok(rows.filter(({ proofs }) => proofs.length > 0).length > 110)
  for (const [, file] of page.matchAll(/`(lib\/[\w/.-]+\.ts)`/g)) t.ok(read(file!) !== '', `${file!} is there to be read`)
})

// ---- the tests

interface Titles { has (title: string): boolean }

const CALLS = new Set(['test', 'show'])

/** The titles of the tests in a source. One made in a loop is known by its fixed parts, and what fills the others must be a text in the same file. */
function titlesOf (source: string): Titles {
  const literals = new Set<string>()
  const templates: RegExp[] = []
  const titles = new Set<string>()
  let anyLiteral = false
  // A condition is one of the machine: that there is a Chromium. `npm test` installs what it can, and says what was skipped.
  const isOff = (property: ts.ObjectLiteralElementLike): boolean => {
    const name = property.name?.getText()
    return name === 'todo' || (name === 'skip' && ts.isPropertyAssignment(property) && (property.initializer.kind === ts.SyntaxKind.TrueKeyword || ts.isStringLiteralLike(property.initializer)))
  }
  const isSkipped = (node: ts.CallExpression): boolean => node.arguments.slice(1).some((argument) => ts.isObjectLiteralExpression(argument) && argument.properties.some(isOff))
  const add = (title: ts.Expression | undefined): void => {
    if (title === undefined) return
    if (ts.isStringLiteralLike(title)) titles.add(title.text)
    else if (ts.isTemplateExpression(title)) {
      const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      templates.push(new RegExp(`^${escaped(title.head.text)}${title.templateSpans.map(({ literal }) => `(.*)${escaped(literal.text)}`).join('')}$`, 's'))
    } else if (ts.isIdentifier(title)) anyLiteral = true
  }
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text)
    if (ts.isPropertyAssignment(node) && (ts.isIdentifier(node.name) || ts.isStringLiteralLike(node.name))) literals.add(node.name.text)
    if (ts.isCallExpression(node)) {
      const { expression } = node
      const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : ts.isIdentifier(expression) ? expression.text : ''
      if (CALLS.has(name)) {
        // What is skipped proves nothing, and neither does what is in it.
        if (isSkipped(node)) return
        // `/a/.test(text)` is none.
        if (!ts.isPropertyAccessExpression(expression) || expression.expression.getText() === 't') add(node.arguments[0])
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('a.test.ts', source, ts.ScriptTarget.Latest, true))
  return {
    has: (title) => titles.has(title) || (anyLiteral && literals.has(title)) ||
      templates.some((template) => template.exec(title)?.slice(1).every((part) => literals.has(part)) ?? false)
  }
}

t.test('every proof is a test that is run', async (t) => {
  const known = new Map<string, Titles>()
  for (const { id, proofs } of rows) {
    for (const { file, title } of proofs) {
      t.match(file, /^test\/(?:lib|plugins|suite|browser)\/[\w./-]+\.test\.ts$/, `${file} is one of a full run`)
      if (!known.has(file)) known.set(file, titlesOf(read(file)))
      t.ok(known.get(file)!.has(title), `${id}: ${file} › ${title}`)
    }
  }
})

t.test('a proof that is none is found', async (t) => {
  const titles = titlesOf(`
    t.test('run', f)
    show('shown', f)
    for (const [what] of [['a word', 1]]) t.test(\`refused: \${what}\`, f)
    t.test('not now', { skip: true }, (t) => t.test('within', f))
    t.test('later', { todo: 'reason' }, f)
    t.test('where there is one', { skip: !there }, f)
    /x/.test('a text')
    // t.test('in a comment', f)
    const title = 'a name'
  `)
  for (const title of ['run', 'shown', 'refused: a word', 'where there is one']) t.ok(titles.has(title), title)
  for (const title of ['ru', 'refused: nothing', 'refused: ', 'not now', 'within', 'later', 'a text', 'in a comment', 'a name', '']) t.notOk(titles.has(title), title)
  const byName = titlesOf("const ALL = { 'one of them': f }; for (const [title, run] of Object.entries(ALL)) t.test(title, run)")
  t.ok(byName.has('one of them'))
  t.notOk(byName.has('another'))
  t.throws(() => proofsIn('a test somewhere'))
  t.throws(() => idsIn('1.99'))
  t.same(idsIn('3.6, 8.4, 9.1.2 to 9.2.1'), ['3.6.1', '8.4.1', '8.4.2', '9.1.2', '9.1.3', '9.2.1'])
})

// ---- what else cites the standard

/** The ids that a text cites. */
function citedIn (text: string): string[] {
  return [...text.matchAll(/ASVS (?:5\.0 )?(\d+\.\d+\.\d+(?:(?:, | to )\d+\.\d+\.\d+)*)/g)].flatMap(([, list]) => idsIn(list!))
}

t.test('what the code, the tests and the pages cite is on this page', async (t) => {
  const listed = new Set(rows.map(({ id }) => id))
  let count = 0
  for (const file of ['lib', 'plugins', 'docs', 'test'].flatMap((folder) => files(folder, /\.(?:md|ts)$/))) {
    if (file === 'test/suite/asvs.test.ts') continue
    const text = read(file)
    t.notMatch(text, /ASVS v?[34]\.0(?!\.\d)/, `${file} cites no earlier edition`)
    const cited = citedIn(text)
    count += cited.length
    t.same(cited.filter((id) => !listed.has(id)), [], file)
  }
  t.ok(count > 30)
  t.throws(() => citedIn('ASVS 5.0 14.9.1'), 'a number that the standard does not have is found')
})
