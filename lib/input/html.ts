import { ContextReader, type Context } from './html-context.ts'

/** HTML that is known to be whole: no other object passes for it, whatever it looks like. */
export class Html {
  readonly #text: string

  private constructor (text: string) {
    this.#text = text
  }

  /** For this file and its neighbours: what is given here is printed as it is. */
  static trusted (text: string): Html {
    return new Html(text)
  }

  static isHtml (value: unknown): value is Html {
    return typeof value === 'object' && value !== null && #text in value
  }

  toString (): string {
    return this.#text
  }

  toJSON (): string {
    return this.#text
  }
}

/** Attributes of an element, escaped: what `form.field(name).attributes` is. Stands within a tag, as in `<input ${field.attributes}>`. */
export class HtmlAttributes {
  readonly #text: string

  /** `true` prints the name alone; `undefined`, `null` and `false` print nothing. */
  constructor (attributes: Readonly<Record<string, string | number | boolean | null | undefined>>) {
    this.#text = Object.entries(attributes)
      .filter(([, value]) => value !== undefined && value !== null && value !== false)
      .map(([name, value]) => value === true ? name : `${name}="${escapeHtml(String(value))}"`).join(' ')
  }

  static isAttributes (value: unknown): value is HtmlAttributes {
    return typeof value === 'object' && value !== null && #text in value
  }

  toString (): string {
    return this.#text
  }
}

/** A value as JSON for a block of data, `<script type="application/json">`. */
export class Json {
  readonly #text: string

  constructor (value: unknown) {
    // Neither the end of the element nor the start of a comment within it; both separators are ends of line in old scripts.
    this.#text = (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }

  static isJson (value: unknown): value is Json {
    return typeof value === 'object' && value !== null && #text in value
  }

  toString (): string {
    return this.#text
  }
}

/** A value as JSON that may stand in `<script type="application/json">`, of `html` or of a template engine (unescaped there). */
export function safeJson (value: unknown): Json {
  return new Json(value)
}

/** What stands in the place of an address that is refused. */
const INVALID = 'about:invalid'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A text in HTML, between tags or within quotes. */
export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}

/** Where the values of a template go. The strings of a template are the same array at every call. */
const templates = new WeakMap<TemplateStringsArray, readonly Context[]>()

function contextsOf (strings: TemplateStringsArray): readonly Context[] {
  const known = templates.get(strings)
  if (known !== undefined) return known
  const reader = new ContextReader()
  const contexts: Context[] = []
  for (const [index, part] of strings.entries()) {
    reader.read(part)
    if (index < strings.length - 1) contexts.push(reader.context())
  }
  reader.end()
  templates.set(strings, contexts)
  return contexts
}

/**
 * HTML from a template: every value is escaped for the place where it stands.
 *
 * Lists are joined, `html` within `html` is taken as it is, and `null`, `undefined`, `true` and `false` print nothing. Throws
 * `SecurityError` `BULWARK_ERR_INPUT_HTML_UNSAFE` for a value in a script, a style, a handler of events, an attribute without quotes, a
 * comment, or the name of a tag or an attribute. An address that would run something becomes `about:invalid`.
 */
export function html (strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const contexts = contextsOf(strings)
  let text = strings[0]!
  for (const [index, value] of values.entries()) {
    const context = contexts[index]!
    const printed = print(value, context)
    const next = strings[index + 1]!
    text += (leavesSite(context, printed + next) ? INVALID : printed) + next
  }
  return Html.trusted(text)
}

function print (value: unknown, context: Context): string {
  if (value === null || value === undefined || value === true || value === false) return ''
  if (context === 'json') return Json.isJson(value) ? value.toString() : new Json(value).toString()
  if (context === 'attributes') {
    // Nothing else can be told from an attribute that somebody wrote.
    if (HtmlAttributes.isAttributes(value)) return value.toString()
    throw new TypeError('html: expected the attributes of a field within a tag, received another value.')
  }
  if (context === 'text') {
    if (Html.isHtml(value)) return value.toString()
    if (Array.isArray(value)) return value.map((member) => print(member, context)).join('')
  }
  const text = String(value)
  if (context === 'address' && !isHarmlessAddress(text)) return INVALID
  if (context === 'own' && !isOwnAddress(text)) return INVALID
  return escapeHtml(text)
}

/** Blanks and control characters before and within the scheme do not stop a browser (URL Standard, section 4.4). */
function isHarmlessAddress (text: string): boolean {
  // eslint-disable-next-line no-control-regex -- what a browser leaves out
  const plain = text.replace(/[\x00-\x20]/g, '')
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(plain)?.[1]?.toLowerCase()
  if (scheme === undefined) return !/^[^/?#]*:/.test(plain)
  return scheme === 'http' || scheme === 'https' || scheme === 'mailto' || scheme === 'tel'
}

/** Whether an address of this site leaves it by a second slash, which the value, or what follows an empty one, brings along. */
function leavesSite (context: Context, text: string): boolean {
  return (context === 'segment' || context === 'own') && /^\/[\t\n\r]*[/\\]/.test(context === 'segment' ? `/${text}` : text)
}

function isOwnAddress (text: string): boolean {
  // eslint-disable-next-line no-control-regex -- what a browser leaves out
  return /^\/(?![/\\])/.test(text) && !/[\x00-\x1f\\]/.test(text)
}
