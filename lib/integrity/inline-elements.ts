import { SecurityError } from '../errors.ts'

/** The texts of the inline scripts and styles of a page, as a browser has them. */
export interface InlineElements {
  readonly scripts: readonly string[]
  readonly styles: readonly string[]
}

interface StartTag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly isSelfClosing: boolean
  /** Where the text goes on. */
  readonly end: number
}

// Elements whose content is text to the tokenizer (HTML §13.2.6), scripting being enabled.
const RAW: ReadonlySet<string> = new Set(['style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'])

/** Types of scripts that run, and thus need a hash (HTML §4.12.1.1); anything else is data. */
const RUNS = /^(?:|module|importmap|speculationrules|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript))$/i

/**
 * Finds the inline scripts and styles of an HTML file.
 *
 * The tokenizer of HTML §13.2.5 as far as it decides where a script begins and ends: tags and their attributes, comments, elements whose
 * content is text, and the states of a script that holds `<!--`. Our own, since the only parsers that follow the standard are larger
 * than this suite. What depends on the tree and not on the tokens is refused and not guessed: throws `SecurityError`
 * `BULWARK_ERR_INTEGRITY_HTML_UNDECIDED` for scripts and styles inside `svg`, `math` or `select`, a frameset, and a script without its end.
 */
export function inlineElements (source: string): InlineElements {
  // As the parser does before anything else (HTML §13.2.3.5).
  const html = source.replace(/\r\n?/g, '\n')
  const scripts: string[] = []
  const styles: string[] = []
  /** The `svg`, `math` and `select` that are open. */
  const inside: string[] = []
  let position = 0

  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', position)) {
    const isEnd = html[at + 1] === '/'
    if (!/[a-z]/i.test(html[at + (isEnd ? 2 : 1)] ?? '')) {
      position = endOfMarkup(html, at, inside.length > 0)
      continue
    }
    const tag = readTag(html, at + (isEnd ? 2 : 1))
    if (tag === undefined) break
    position = tag.end
    const { name, attributes } = tag
    if (isEnd) {
      const index = inside.lastIndexOf(name)
      if (index !== -1) inside.length = index
    } else if (name === 'svg' || name === 'math' || name === 'select') {
      if (!tag.isSelfClosing || name === 'select') inside.push(name)
    } else if (name === 'frameset') {
      throw undecided(html, at, 'a frameset')
    } else if (name === 'script' || RAW.has(name) || name === 'plaintext') {
      // The title of a drawing is an element like any other.
      if (inside.length > 0 && name === 'title' && inside.at(-1) !== 'select') continue
      if (inside.length > 0) throw undecided(html, at, `\`${name}\` inside \`${inside.at(-1)!}\``)
      if (name === 'plaintext') break
      const end = name === 'script' ? endOfScript(html, position) : endOfRaw(html, position, name)
      if (end === -1 && name !== 'script' && name !== 'style') break
      if (end === -1) throw undecided(html, at, `\`${name}\` without its end`)
      const text = html.slice(position, end).replaceAll('\0', '\ufffd')
      if (name === 'style') styles.push(text)
      else if (name === 'script' && !attributes.has('src') && runs(html, at, attributes.get('type'))) scripts.push(text)
      position = end
    }
  }
  return { scripts, styles }
}

function runs (html: string, at: number, type = ''): boolean {
  if (type.includes('&')) throw undecided(html, at, 'a type with a character reference')
  return RUNS.test(type.trim())
}

function undecided (html: string, at: number, what: string): SecurityError {
  return new SecurityError('BULWARK_ERR_INTEGRITY_HTML_UNDECIDED', `Line ${html.slice(0, at).split('\n').length}: expected scripts and styles whose place is plain, received ${what}.`)
}

/** Where a comment, a doctype, or a `<` that begins nothing ends. */
function endOfMarkup (html: string, at: number, isInside: boolean): number {
  if (html.startsWith('<!--', at)) return endOfComment(html, at)
  if (isInside && html.startsWith('<![CDATA[', at)) throw undecided(html, at, 'a section CDATA')
  return /^<[!?/]/.test(html.slice(at, at + 2)) ? after(html, '>', at + 2) : at + 1
}

function endOfComment (html: string, at: number): number {
  // `<!-->` and `<!--->` are whole comments; `--!>` ends one only behind the opening. One search for both: a page may hold thousands, none of them of the second kind.
  const end = /-->|--!>/g
  end.lastIndex = at + 2
  for (let match = end.exec(html); match !== null; match = end.exec(html)) {
    if (match[0] === '-->' || match.index >= at + 4) return end.lastIndex
  }
  return html.length
}

/** Behind the next `text`, or behind everything. */
function after (html: string, text: string, from: number): number {
  const index = html.indexOf(text, from)
  return index === -1 ? html.length : index + text.length
}

/** Where the end tag of an element begins whose content is text. */
function endOfRaw (html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}(?=[\\t\\n\\f />])`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? -1
}

/** Where the end tag of a script begins. Behind `<!--`, a `<script` hides the next `</script` (HTML §13.2.5.15 to 31). */
function endOfScript (html: string, from: number): number {
  const token = /<!--|-->|<(\/)?script(?=[\t\n\f />])/gi
  token.lastIndex = from
  let state: 'plain' | 'escaped' | 'double' = 'plain'
  for (let match = token.exec(html); match !== null; match = token.exec(html)) {
    const [text, slash] = match
    if (text === '-->') state = 'plain'
    else if (text === '<!--') {
      if (state === 'plain') state = 'escaped'
      // The hyphens may be those of `-->`, too.
      token.lastIndex = match.index + 2
    } else if (slash === undefined) {
      if (state === 'escaped') state = 'double'
    } else if (state !== 'double') return match.index
    else state = 'escaped'
  }
  return -1
}

/** Reads a tag from its name on; nothing for one that has no end. */
function readTag (html: string, from: number): StartTag | undefined {
  const name = /[^\t\n\f />]*/y
  name.lastIndex = from
  const attributes = new Map<string, string>()
  let position = from + name.exec(html)![0].length
  const tagName = html.slice(from, position).toLowerCase()
  let isSelfClosing = false
  while (position < html.length) {
    const character = html[position]!
    if (character === '>') return { name: tagName, attributes, isSelfClosing, end: position + 1 }
    isSelfClosing = character === '/'
    if (/[\t\n\f /]/.test(character)) {
      position++
      continue
    }
    const attribute = /[^\t\n\f />][^\t\n\f />=]*/y
    attribute.lastIndex = position
    const key = attribute.exec(html)![0]
    const assignment = /[\t\n\f ]*=[\t\n\f ]*/y
    assignment.lastIndex = position + key.length
    position += key.length
    const assigned = assignment.exec(html)
    let value = ''
    if (assigned !== null) {
      position = assignment.lastIndex
      const quote = html[position]
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, position + 1)
        if (end === -1) return undefined
        value = html.slice(position + 1, end)
        position = end + 1
      } else {
        const unquoted = /[^\t\n\f >]*/y
        unquoted.lastIndex = position
        value = unquoted.exec(html)![0]
        position += value.length
      }
    }
    if (!attributes.has(key.toLowerCase())) attributes.set(key.toLowerCase(), value)
  }
  return undefined
}
