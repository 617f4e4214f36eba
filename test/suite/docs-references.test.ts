import { posix } from 'node:path'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import ts from 'typescript'
import { lintPolicy } from '../../lib/headers/csp-lint.ts'
import type { Finding } from '../../lib/headers/finding.ts'
import { Planner } from '../../lib/headers/planner.ts'
import type { HeadersOptions } from '../../lib/headers/settings.ts'
import { anchorOf, codesIn, exists, FENCED, headingsOf, pages, proseOf, read, rowsOf, sectionOf } from './pages.ts'

t.test('every finding of the lint is on the page, with its severity and an example that provokes it', async (t) => {
  const rows = rowsOf(sectionOf(read('docs/headers.md'), 'Lint'))
  const inSource = new Set(['lib/headers/csp-lint.ts', 'lib/headers/header-lint.ts'].flatMap((file) => findingCodes(read(file))))
  t.same(rows.map(([code]) => codesIn(code!)[0]).sort(), [...inSource].sort())
  for (const [code, severities, , examples] of rows) {
    const list = severities!.split(', ')
    t.equal(codesIn(examples!).length, list.length, `${code!} has an example for each severity`)
    for (const [index, example] of codesIn(examples!).entries()) {
      const found = provoke(example).find((finding) => finding.code === codesIn(code!)[0])
      t.equal(found?.severity, list[index], `${code!}: ${example}`)
    }
  }
})

t.test('every finding of the command line is on its page, with its severities', async (t) => {
  const rows = rowsOf(sectionOf(read('docs/cli.md'), 'Findings'))
  const found = new Map<string, Set<string>>()
  for (const file of ['csp-reading', 'reply-lint', 'posture']) {
    for (const [, code, severities] of read(`lib/cli/${file}.ts`).matchAll(/finding\('([a-z-]+)', ([^\n]*)/g)) {
      const words = severities!.split(/, (?:'set-cookie|'[a-z-]+'|name|where|shown|lower|stem)/)[0]!.match(/'(?:high|medium|low|info)'/g) ?? ["'high'", "'low'"]
      found.set(code!, new Set([...found.get(code!) ?? [], ...words.map((word) => word.slice(1, -1))]))
    }
  }
  const order = ['high', 'medium', 'low', 'info']
  t.same(Object.fromEntries(rows.map(([code, severities]) => [codesIn(code!)[0], severities])), Object.fromEntries([...found].map(([code, severities]) => [code, [...severities].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(', ')])))
})

/** An example is an option in the notation of JavaScript or a policy as a header has it. */
function provoke (example: string): Finding[] {
  if (!/^\w+: /.test(example)) return lintPolicy(example)
  const options = JSON.parse(JSON.stringify(runInNewContext(`({ ${example} })`))) as HeadersOptions
  return new Planner(options).findings
}

/** The texts in the place of a finding's code, in calls of `finding` and in objects. */
function findingCodes (text: string): string[] {
  const codes: string[] = []
  const collect = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) codes.push(node.text)
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(collect)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'finding') collect(node.arguments[0]!)
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') collect(node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('lint.ts', text, ts.ScriptTarget.Latest, true))
  return codes
}

t.test('relative links lead somewhere', async (t) => {
  for (const page of pages) t.same(deadLinks(page, read(page)), [], page)
  t.same(deadLinks('docs/headers.md', '[a](nowhere.md) [b](#no-such-heading) [c](errors.md#nowhere) [d](../README.md) [e](https://example.com) [f](headers.md#options) `[g](x)`'),
    ['nowhere.md', '#no-such-heading', 'errors.md#nowhere'])
})

function deadLinks (page: string, text: string): string[] {
  const prose = proseOf(text).replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [path, anchor] = target.split('#') as [string, string | undefined]
    const file = path === '' ? page : posix.join(posix.dirname(page), path)
    if (!exists(file)) return true
    return anchor !== undefined && !headingsOf(read(file)).some(({ text: heading }) => anchorOf(heading) === anchor)
  })
}

t.test('files and commands that the pages name are there', async (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const page of pages) {
    const text = read(page)
    const files = codesIn(text.replace(FENCED, '')).filter((code) => /^(lib|plugins|test|docs)\/[\w./-]+\.\w+$/.test(code))
    t.same(files.filter((file) => !exists(file)), [], `files of ${page}`)
    const commands = [...text.matchAll(/\bnpm (?:run (\w+)|(start|test))\b/g)].map((match) => match[1] ?? match[2]!)
    t.same(commands.filter((command) => !(command in scripts)), [], `commands of ${page}`)
  }
})

t.test('the prose has no word that belittles the work of the reader', async (t) => {
  for (const page of pages) t.same(proseOf(read(page)).match(/\b(?:just|easy|easily|simply|simple)\b/gi) ?? [], [], page)
})

t.test('the change log and the security page know the version', async (t) => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  t.equal(headingsOf(read('docs/CHANGELOG.md')).find(({ level }) => level === 2)?.text.split(' ')[0], version)
  t.match(read('docs/SECURITY.md'), `${version.split('.').slice(0, 2).join('.')}.x`)
})
