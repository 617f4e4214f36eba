import { existsSync, readdirSync, readFileSync } from 'node:fs'

// The pages of the documentation, and how they are read.

export const root: URL = new URL('../../../', import.meta.url)

export const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
export const exists = (file: string): boolean => existsSync(new URL(file, root))
const stems = (folder: string, extension: string): string[] => readdirSync(new URL(folder, root))
  .filter((name) => name.endsWith(extension)).map((name) => name.slice(0, -extension.length)).sort()

export const plugins: readonly string[] = stems('plugins', '.ts')
export const pages: readonly string[] = ['README.md', ...stems('docs', '.md').map((stem) => `docs/${stem}.md`)]

/** The headings that the page of every plugin has, in this order. */
export const HEADINGS: readonly string[] = ['What it stops', 'Quick start', 'Options', 'What it adds', 'Errors', 'What it does not do', 'Why it works this way']

// ---- reading Markdown

export const FENCED: RegExp = /^```.*\n[\s\S]*?^```$/gm

/** The text without its blocks of code, whose content is no prose. */
export function proseOf (text: string): string {
  return text.replace(FENCED, '')
}

interface Heading { readonly level: number, readonly text: string }

export function headingsOf (text: string): Heading[] {
  return [...proseOf(text).matchAll(/^(#+) (.+)$/gm)].map(([, marks, title]) => ({ level: marks!.length, text: title! }))
}

/** GitHub's name for the anchor of a heading. */
export function anchorOf (heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
}

/** What stands under a heading, up to the next heading of its level or a higher one. */
export function sectionOf (text: string, title: string): string {
  const headings = [...text.matchAll(/^(#+) (.+)$/gm)]
  const start = headings.findIndex((match) => match[2] === title)
  if (start === -1) throw new Error(`There is no heading "${title}".`)
  const next = headings.slice(start + 1).find((match) => match[1]!.length <= headings[start]![1]!.length)
  return text.slice(headings[start]!.index + headings[start]![0].length, next?.index)
}

/** The rows of the first table in a text, without its head. */
export function rowsOf (text: string): string[][] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => /^\|[-| ]+\|$/.test(line))
  const length = lines.slice(first + 1).findIndex((line) => !line.startsWith('|'))
  return lines.slice(first + 1, length === -1 ? undefined : first + 1 + length)
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()))
}

export const codesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)

export function tableOf (head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
