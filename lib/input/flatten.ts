import { likeliest } from './decode.ts'
import type { Node } from './schema-node.ts'

/** What a form shows again: the texts under their names. Secrets are left out, and so is what the schema does not name. */
export function flatten (root: Node, given: unknown): Readonly<Record<string, string | readonly string[]>> {
  const texts = Object.create(null) as Record<string, string | readonly string[]>

  function walk (node: Node, value: unknown, path: string): void {
    if (node.isSecret || value === undefined) return
    const prefix = path === '' ? '' : `${path}.`
    if (node.kind === 'union') return walkUnion(node.variants, value, path)
    if (typeof value !== 'object' || value === null) {
      if (path !== '') texts[path] = value === null ? '' : String(value)
    } else if (node.kind === 'list' && Array.isArray(value)) {
      // A program may send any number of members: no page shows more than one too many.
      const members = value.slice(0, Math.min(node.max, 1000) + 1) as unknown[]
      if (!node.item.isSecret && members.every((member) => typeof member !== 'object')) texts[path] = members.map(String)
      for (const [index, member] of members.entries()) walk(node.item, member, `${prefix}${index}`)
    } else if (node.kind === 'object' && !Array.isArray(value)) {
      for (const { name, node: child } of node.inOrder) {
        if (Object.hasOwn(value, name)) walk(child, (value as Record<string, unknown>)[name], prefix + name)
      }
    } else if (node.kind === 'record') {
      for (const [name, member] of Object.entries(value)) walk(node.item, member, prefix + name)
    }
  }

  function walkUnion (variants: readonly Node[], value: unknown, path: string): void {
    // What may be a secret is one.
    if (variants.some(({ isSecret }) => isSecret)) return
    walk(likeliest(variants, variants.map(() => value)), value, path)
  }

  walk(root, given, '')
  return texts
}
