import { readFileSync } from 'node:fs'
import t from 'tap'

// The tables of docs/benchmarks.md are written by the benchmark (`npm run bench -- --markdown docs/benchmarks.md`). Here they are held to its suites: what is
// measured is on the page, what is on the page is measured, and a goal that was missed is spoken of.

interface Row { readonly name: string, readonly memory?: boolean }
interface Goal { readonly name: string, readonly row: string }
interface Suites { readonly rows: Row[], readonly starts: Row[], readonly imports: Row[], readonly calls: Row[], readonly goals: Goal[] }

const root = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/benchmarks.md', root), 'utf8')
const { loadSuites } = await import(new URL('test/bench/suites.mjs', root).href) as { loadSuites (): Promise<Suites> }
const { rows, starts, imports, calls, goals } = await loadSuites()

const blocks = new Map([...page.matchAll(/^<!-- measured (.+) -->\n([\s\S]*?)^<!-- \/measured -->$/gm)].map(([, name, text]) => [name!, text!]))
const suiteOf = (name: string): string => name.split('/')[0]!
/** The cells of all tables of a block, without their heads. */
const cellsOf = (text: string): string[][] => text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:row|goal) \|/.test(line)).map((line) => line.slice(2, -2).split(' | '))

const kinds: Readonly<Record<string, readonly Row[]>> = { requests: rows, start: starts, imports, calls, memory: rows.filter(({ memory }) => memory) }
const wanted = Object.entries(kinds).flatMap(([kind, rows]) => [...new Set(rows.map(({ name }) => suiteOf(name)))].map((suite) => ({
  block: `${kind} ${suite}`,
  rows: rows.filter(({ name }) => suiteOf(name) === suite).map(({ name }) => name),
  goals: kind === 'memory' ? [] : goals.filter(({ row }) => rows.some(({ name }) => name === row) && suiteOf(row) === suite).map(({ name }) => name)
})))

t.test('every kind of measuring of every suite has a block, and there is no other one', async (t) => {
  t.same([...blocks.keys()].sort(), ['machine', ...wanted.map(({ block }) => block)].sort())
})

for (const { block, rows, goals } of wanted) {
  t.test(`${block}: the rows and the goals of the suite, each once`, async (t) => {
    const names = cellsOf(blocks.get(block)!).map(([name]) => name!)
    t.same(names.filter((name) => name.startsWith('`')), rows.map((name) => `\`${name}\``))
    t.same(names.filter((name) => !name.startsWith('`')), goals)
    t.match(blocks.get(block), /^\d{4}-\d\d-\d\d.*load of the machine before: [\d.]+\.$/m, 'it says when it was measured')
  })
}

t.test('every goal that was missed is explained, and no other one', async (t) => {
  const missed = [...blocks.values()].flatMap(cellsOf).filter((cells) => cells.at(-1) === 'no').map(([name]) => name!)
  const [, explained] = /^## Goals that are missed\n([\s\S]*?)^## /m.exec(page)!
  t.same([...explained!.matchAll(/^- \*\*(.+?)\*\*: \S/gm)].map(([, name]) => name).sort(), missed.sort())
})
