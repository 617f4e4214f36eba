import { SecurityError } from '../errors.ts'

/**
 * Where in a page a value goes. `text` and `attribute` are made harmless by escaping; `address` also needs a scheme that runs
 * nothing, and `own` an address of this site, since what is loaded there runs or frames; `segment` stands behind the one slash that an
 * address begins with, where a second one would make a host of it; `attributes` takes what `form.field` gives, and `json` what `safeJson` gives.
 */
export type Context = 'text' | 'only-text' | 'attribute' | 'address' | 'own' | 'segment' | 'attributes' | 'json'

const ADDRESSES = new Set(['href', 'src', 'action', 'formaction', 'poster', 'cite', 'data', 'ping', 'background', 'manifest', 'longdesc', 'usemap', 'xlink:href'])
/** Elements that run, frame or redirect what their address leads to. */
const LOADING = new Set(['script', 'iframe', 'frame', 'object', 'embed', 'base', 'link', 'portal', 'use'])
/** Elements that give another element an attribute, an address that runs something among them (SVG, `attributeName="href"`). */
const ANIMATING = new Set(['set', 'animate'])
/** Text without elements in it (HTML, section 13.1.2). */
const ONLY_TEXT = new Set(['textarea', 'title'])
const RAW = new Set(['script', 'style', 'xmp', 'noscript', 'noembed', 'noframes', 'iframe', 'plaintext'])
const DATA_TYPE = /^application\/(?:ld\+)?json$/i

/** Reads the fixed parts of a template, once for each template, and says for each value where it goes. */
export class ContextReader {
  #state: 'text' | 'tag' | 'value' | 'raw' | 'comment' = 'text'
  #quote = ''
  #attribute = ''
  /** The part of the value of an attribute before the place that is asked for. */
  #before = ''
  #element = ''
  #isEnding = false
  #type: string | undefined
  #isRefresh = false
  #hasContent = false

  /** Reads on. */
  read (part: string): void {
    for (let rest = part; rest !== '';) {
      const read = this.#state === 'text' ? this.#readText(rest) : this.#state === 'tag' ? this.#readTag(rest) : this.#state === 'value' ? this.#readValue(rest) : this.#readUntilEnd(rest)
      rest = rest.slice(read)
    }
  }

  /** The context of the value that comes next. */
  context (): Context {
    if (this.#state === 'text') return 'text'
    if (this.#state === 'tag') return 'attributes'
    if (this.#state === 'comment') throw unsafe('a comment')
    if (this.#state === 'value') return this.#valueContext()
    if (ONLY_TEXT.has(this.#element)) return 'only-text'
    if (this.#element === 'script' && DATA_TYPE.test(this.#type ?? '')) return 'json'
    throw unsafe(`the element ${this.#element}`)
  }

  /** A template must end where text begins again, so that one can stand in another. */
  end (): void {
    if (this.#state !== 'text') throw unsafe('a template that ends within a tag, a comment, or an element whose content is no HTML')
  }

  #readText (rest: string): number {
    const opening = /<(?:!--|\/?([a-z][^\s/>]*))/i.exec(rest)
    if (opening === null) {
      if (/<[!?/]?$/.test(rest)) throw unsafe('the name of a tag')
      return rest.length
    }
    const end = opening.index + opening[0].length
    if (opening[1] === undefined) {
      this.#state = 'comment'
      return end
    }
    if (end === rest.length) throw unsafe('the name of a tag')
    this.#state = 'tag'
    this.#element = opening[1].toLowerCase()
    this.#isEnding = opening[0][1] === '/'
    this.#type = undefined
    this.#isRefresh = false
    this.#hasContent = false
    return end
  }

  #readTag (rest: string): number {
    const part = /^(?:[\s/]+|>|[^\s/>=]+(?:\s*=\s*(["']?))?|=)/.exec(rest)!
    const [text, quote] = part
    if (text === '>') {
      const hasContent = !this.#isEnding && (RAW.has(this.#element) || ONLY_TEXT.has(this.#element))
      this.#state = hasContent ? 'raw' : 'text'
      return 1
    }
    if (/^[\s/]+$/.test(text)) return text.length
    const name = /^[^\s=]*/.exec(text)![0].toLowerCase()
    if (quote === undefined) {
      if (text.length === rest.length) throw unsafe('the name of an attribute')
      return text.length
    }
    if (quote === '') {
      // A value without quotes: its fixed text may stand there, a value of the program may not.
      const value = /^[^\s>]*/.exec(rest.slice(text.length))![0]
      if (text.length + value.length === rest.length) throw unsafe('an attribute without quotes')
      this.#note(name, value)
      return text.length + value.length
    }
    this.#state = 'value'
    this.#quote = quote
    this.#attribute = name
    this.#before = ''
    return text.length
  }

  #readValue (rest: string): number {
    const end = rest.indexOf(this.#quote)
    this.#before += end === -1 ? rest : rest.slice(0, end)
    if (end === -1) return rest.length
    this.#note(this.#attribute, this.#before)
    this.#state = 'tag'
    return end + 1
  }

  #note (name: string, value: string): void {
    // Of two of a name, a browser takes the first.
    if (name === 'type') this.#type ??= value.trim()
    if (name === 'http-equiv' && value.trim().toLowerCase() === 'refresh') this.#isRefresh = true
    if (this.#isRefresh && this.#hasContent) throw unsafe('the content of a refresh')
  }

  #readUntilEnd (rest: string): number {
    const end = this.#state === 'comment' ? /-->/.exec(rest) : new RegExp(`</${this.#element}(?=[\\s/>])`, 'i').exec(rest)
    if (end === null) return rest.length
    const isComment = this.#state === 'comment'
    this.#state = isComment ? 'text' : 'tag'
    this.#isEnding = true
    return end.index + end[0].length
  }

  #valueContext (): Context {
    const name = this.#attribute
    const before = this.#before
    // A second value in the same attribute stands behind the first.
    this.#before += '\ufffc'
    if (name.startsWith('on')) throw unsafe('a handler of events')
    if (name === 'style' || name === 'srcdoc' || name === 'srcset' || name === 'imagesrcset') throw unsafe(`the attribute ${name}`)
    if (this.#element === 'meta' && name === 'content') {
      this.#hasContent = true
      if (this.#isRefresh) throw unsafe('the content of a refresh')
      return 'attribute'
    }
    if (ANIMATING.has(this.#element) && name === 'values') throw unsafe('the values of an animation')
    if (this.#element === 'script' && name === 'type') throw unsafe('the type of a script')
    const isAnimated = ANIMATING.has(this.#element) && (name === 'to' || name === 'from' || name === 'by')
    if (!ADDRESSES.has(name) && !isAnimated) return 'attribute'
    if (before.trim() === '/') return 'segment'
    const isLoading = LOADING.has(this.#element)
    // Behind a path, a query or a host of the template's own, a value cannot change where the address leads.
    if (/^\s*(?:https?:\/\/[^/?#\ufffc]+[/?#]|\/(?![/\\\ufffc])|[?#])/i.test(before) && (!isLoading || !before.includes('\ufffc'))) return 'attribute'
    if (before.trim() !== '') throw unsafe('the middle of an address, before its path')
    return isLoading ? 'own' : 'address'
  }
}

function unsafe (place: string): SecurityError {
  return new SecurityError('BULWARK_ERR_INPUT_HTML_UNSAFE', `html: expected a value in text or in a quoted attribute, received one in ${place}. No escaping makes it harmless there.`)
}
