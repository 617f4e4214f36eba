import { HtmlAttributes } from './html.ts'
import { FORMAT_PREFIX } from './formats.ts'
import { truthOf } from './decode.ts'
import { acceptOf } from './file-fields.ts'
import type { Node } from './schema-node.ts'

/** One of the options to choose from. */
export interface FieldOption {
  readonly value: string
  readonly label: string
  readonly selected: boolean
}

/** A field as a page shows it: for any template engine, which escapes. */
export interface FieldView {
  readonly name: string
  /** For the attribute `id`, and for `for` of the label. */
  readonly id: string
  readonly label: string
  /** The type of the element `<input>`, or `textarea`, or `select`. */
  readonly type: string
  /** What was entered; never a secret. */
  readonly value: string
  readonly checked: boolean
  readonly required: boolean
  readonly multiple: boolean
  /** The kinds of file to choose from. */
  readonly accept: string | undefined
  readonly minlength: number | undefined
  readonly maxlength: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly step: number | 'any' | undefined
  readonly pattern: string | undefined
  readonly inputmode: string | undefined
  readonly autocomplete: string | undefined
  readonly options: readonly FieldOption[]
  readonly errors: readonly string[]
  /** The `id` of the element with the errors. */
  readonly errorId: string
  readonly 'aria-invalid': 'true' | undefined
  readonly 'aria-describedby': string | undefined
  /** All of these as attributes of the element, escaped: for a tag of `html`, or printed unescaped by an engine. */
  readonly attributes: HtmlAttributes
}

/** What a view is made from. */
export interface FieldState {
  readonly name: string
  readonly label: string
  readonly node: Node
  readonly isRequired: boolean
  /** What was entered, one text or several. */
  readonly entered: string | readonly string[] | undefined
  readonly errors: readonly string[]
}

const TYPES: Readonly<Record<string, string>> = {
  multiline: 'textarea', secret: 'password', email: 'email', url: 'url', 'web-url': 'url', date: 'date', 'datetime-local': 'datetime-local', month: 'month', week: 'week', time: 'time', color: 'color', password: 'password'
}
const INPUT_MODES: Readonly<Record<string, string>> = { decimal: 'decimal', email: 'email', url: 'url', 'web-url': 'url' }
const AUTOCOMPLETE: Readonly<Record<string, string>> = { email: 'email', username: 'username', 'username-script': 'username' }
/** Types for which HTML has a length and a pattern (HTML, section 4.10.5). */
const TEXTUAL = new Set(['text', 'password', 'email', 'url', 'textarea', 'hidden'])

/** The view of one field. */
export function viewField ({ name, label, node, isRequired, entered, errors }: FieldState): FieldView {
  const inner = node.kind === 'union' ? node.variants.find(({ kind }) => kind !== 'null') ?? node : node
  const multiple = inner.kind === 'list'
  const shown = inner.kind === 'list' ? inner.item : inner
  const stem = shown.kind === 'text' ? shown.format?.name.replace(FORMAT_PREFIX, '') ?? '' : ''
  const isBox = shown.kind === 'boolean' || (shown.kind === 'choice' && shown.values.length === 1 && shown.values[0] === true)
  const type = shown.kind === 'file' ? 'file' : node.isHidden ? 'hidden' : isBox ? 'checkbox' : shown.kind === 'choice' ? 'select' : shown.kind === 'integer' || shown.kind === 'number' ? 'number' : TYPES[stem] ?? 'text'
  const texts = entered === undefined ? [] : typeof entered === 'string' ? [entered] : entered
  const value = shown.isSecret || multiple ? '' : isBox ? 'true' : texts[0] ?? ''
  const id = name.replaceAll('.', '-')
  const errorId = `${id}-error`
  const hasErrors = errors.length > 0
  const isTextual = shown.kind === 'text' && TEXTUAL.has(type)
  const view = {
    name,
    id,
    label,
    type,
    value,
    checked: isBox && truthOf(texts[0] ?? '') === true,
    required: isRequired && shown.kind !== 'boolean' && (!multiple || (inner.kind === 'list' && inner.min > 0)) && !(shown.kind === 'text' && shown.min === 0 && 'minLength' in shown.schema),
    multiple,
    accept: shown.kind === 'file' ? acceptOf(shown.rules) : undefined,
    minlength: isTextual && shown.min > 1 ? shown.min : undefined,
    maxlength: isTextual && shown.max !== Infinity ? shown.max : undefined,
    min: limit(shown.schema['minimum']),
    max: limit(shown.schema['maximum']),
    step: shown.kind === 'number' ? shown.schema['multipleOf'] as number | undefined ?? 'any' : shown.kind === 'integer' ? shown.schema['multipleOf'] as number | undefined : undefined,
    pattern: isTextual && type !== 'textarea' && type !== 'hidden' ? patternFor(shown.schema['pattern']) : undefined,
    inputmode: shown.kind === 'integer' ? 'numeric' : INPUT_MODES[stem],
    autocomplete: AUTOCOMPLETE[stem],
    options: shown.kind === 'choice' && !isBox ? shown.values.map((each) => ({ value: String(each), label: String(each), selected: texts.includes(String(each)) })) : [],
    errors,
    errorId,
    'aria-invalid': hasErrors ? 'true' : undefined,
    'aria-describedby': hasErrors ? errorId : undefined
  } as const
  return { ...view, attributes: attributesOf(view) }
}

/** The bounds of every number that is exact say nothing to a visitor. */
function limit (bound: unknown): number | undefined {
  return typeof bound === 'number' && Math.abs(bound) !== Number.MAX_SAFE_INTEGER ? bound : undefined
}

/** Browsers compile `pattern` with the flag `v`, which refuses more than `u` (HTML, section 4.10.5.3.6); what they would ignore is left out. */
function patternFor (pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return undefined
  try {
    RegExp(pattern, 'v')
    return pattern
  } catch {
    return undefined
  }
}

function attributesOf (view: Omit<FieldView, 'attributes'>): HtmlAttributes {
  const { type } = view
  const isInput = type !== 'textarea' && type !== 'select'
  return new HtmlAttributes({
    id: view.id,
    name: view.name,
    type: isInput ? type : undefined,
    value: isInput && type !== 'password' && (view.value !== '' || type === 'checkbox') ? view.value : undefined,
    checked: type === 'checkbox' && view.checked,
    required: view.required && type !== 'hidden',
    multiple: (type === 'select' || type === 'file') && view.multiple,
    accept: view.accept,
    minlength: type === 'hidden' ? undefined : view.minlength,
    maxlength: type === 'hidden' ? undefined : view.maxlength,
    min: type === 'number' ? view.min : undefined,
    max: type === 'number' ? view.max : undefined,
    step: type === 'number' ? view.step : undefined,
    pattern: view.pattern,
    inputmode: isInput && type !== 'hidden' ? view.inputmode : undefined,
    autocomplete: type === 'hidden' ? undefined : view.autocomplete,
    'aria-invalid': view['aria-invalid'],
    'aria-describedby': view['aria-describedby']
  })
}
