/** What is printed must not come out as it went in. */
const PROBE = '<i>'
/** How the engines that print without escaping are written: liquid and twig, and doT. */
const TEMPLATES = ['{{ probe }}', '{{= it.probe }}', '{{=it.probe}}']

/** Renders a template that is given as a text. */
export type RenderText = (template: { readonly raw: string }, data: object) => unknown

/**
 * True when the engine of `@fastify/view` prints a value without escaping it where a template says nothing about it. The engine is asked, since its
 * options decide, and nothing tells them. An engine that cannot read a template has said nothing.
 */
export async function printsRaw (render: RenderText): Promise<boolean> {
  for (const raw of TEMPLATES) {
    try {
      if (String(await render({ raw }, { probe: PROBE })).includes(PROBE)) return true
    } catch {
      // Not the language of this engine.
    }
  }
  return false
}
