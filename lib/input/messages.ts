import type { FileMessageKey } from '../form-files.ts'
import { byteSize } from './byte-size.ts'

/** What a message may say: the label of the field and the numbers of the rule. Never what was sent. */
export interface MessageParams {
  readonly label: string
  readonly min?: number
  readonly max?: number
  readonly step?: number
  /** The label of the other field, of `equalTo` and `requiredIf`. */
  readonly other?: string
  readonly values?: readonly unknown[]
  readonly [name: string]: unknown
}

/** A sentence, made for one fault. */
export type Message = (params: MessageParams) => string

/** `1 character`, `2 characters`. */
function count (number: unknown, one: string, many: string): string {
  return `${String(number)} ${number === 1 ? one : many}`
}

/** The kinds of file, as people write them. */
export function kinds (values: readonly unknown[] = []): string {
  return values.map((value) => String(value).toUpperCase()).join(', ')
}

function between ({ min, max }: MessageParams, both: (min: number, max: number) => string, least: (min: number) => string, most: (max: number) => string): string {
  if (min === undefined || min === -Number.MAX_SAFE_INTEGER) return most(max!)
  return max === undefined || max === Number.MAX_SAFE_INTEGER ? least(min) : both(min, max)
}

const numbers: Message = (params) => between(params, (min, max) => `Enter a number from ${min} to ${max}.`, (min) => `Enter a number of at least ${min}.`, (max) => `Enter a number of at most ${max}.`)

/** The keys of the messages: the rules that a value can break. */
export type MessageKey =
  | 'required' | 'accepted' | 'characters' | 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'object' | 'invalid' | 'unknown'
  | 'minLength' | 'maxLength' | 'length' | 'pattern' | 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' | 'range'
  | 'multipleOf' | 'minItems' | 'maxItems' | 'uniqueItems' | 'choice' | 'noneOf' | 'email' | 'url' | 'uri' | 'uri-reference' | 'uuid'
  | 'ip' | 'mac' | 'slug' | 'username' | 'decimal' | 'date' | 'datetime-local' | 'date-time' | 'duration' | 'month' | 'week' | 'time'
  | 'color' | 'hostname' | 'json-pointer' | 'equalTo' | 'requiredIf' | 'taken' | 'passwordShort' | 'passwordCommon' | 'passwordContext'
  | 'passwordBreached' | 'formInvalid' | 'file' | 'minFiles' | FileMessageKey

/** A language: a sentence for every key. */
export type Messages = Readonly<Record<MessageKey, Message>>

/** The messages in English. */
export const english: Messages = Object.freeze({
  required: () => 'This field is required.',
  accepted: () => 'Please tick this box.',
  characters: () => 'This field holds characters that are not admitted.',
  text: () => 'Enter a text.',
  integer: () => 'Enter a whole number.',
  number: () => 'Enter a number.',
  boolean: () => 'Choose yes or no.',
  list: () => 'Give a list.',
  object: () => 'Give an object.',
  invalid: () => 'This value is not admitted.',
  unknown: () => 'There is no such field.',
  minLength: ({ min }) => `Use at least ${count(min, 'character', 'characters')}.`,
  maxLength: ({ max }) => `Use at most ${count(max, 'character', 'characters')}.`,
  length: ({ max }) => `Use exactly ${count(max, 'character', 'characters')}.`,
  pattern: () => 'This does not have the form that is asked for.',
  minimum: numbers,
  maximum: numbers,
  exclusiveMinimum: ({ min }) => `Enter a number greater than ${min!}.`,
  exclusiveMaximum: ({ max }) => `Enter a number less than ${max!}.`,
  range: () => 'This number is out of range.',
  multipleOf: ({ step }) => `Enter a multiple of ${step!}.`,
  minItems: ({ min }) => `Give at least ${count(min, 'entry', 'entries')}.`,
  maxItems: ({ max }) => `Give at most ${count(max, 'entry', 'entries')}.`,
  uniqueItems: () => 'Give each entry only once.',
  choice: () => 'Choose one of the options.',
  noneOf: () => 'This value is not available.',
  email: () => 'Enter an e-mail address, such as name@example.com.',
  url: () => 'Enter a web address that begins with https:// or http://.',
  uri: () => 'Enter an address.',
  'uri-reference': () => 'Enter an address.',
  uuid: () => 'Enter a UUID.',
  ip: () => 'Enter an IP address.',
  mac: () => 'Enter a MAC address.',
  slug: () => 'Use lower-case letters, digits and single hyphens.',
  username: () => 'Use letters, digits, dots and underscores, beginning with a letter.',
  decimal: () => 'Enter a number, such as 12.50.',
  date: () => 'Enter a date.',
  'datetime-local': () => 'Enter a date and a time.',
  'date-time': () => 'Enter a date and a time with its time zone.',
  duration: () => 'Enter a duration.',
  month: () => 'Enter a month.',
  week: () => 'Enter a week.',
  time: () => 'Enter a time of day.',
  color: () => 'Enter a colour, such as #1a2b3c.',
  hostname: () => 'Enter the name of a host.',
  'json-pointer': () => 'Enter a JSON pointer.',
  equalTo: ({ other }) => `This must be the same as “${other!}”.`,
  requiredIf: () => 'This field is required.',
  taken: () => 'This is taken.',
  passwordShort: ({ min }) => `Use at least ${count(min, 'character', 'characters')}.`,
  passwordCommon: () => 'This password is one of the first that somebody would try. Choose another one.',
  passwordContext: () => 'Do not use what others know about you, or the name of this site.',
  passwordBreached: () => 'This password has been published by thieves. Choose another one.',
  file: () => 'Choose a file.',
  fileType: ({ values }) => `Choose a file of a kind that is taken here: ${kinds(values)}.`,
  fileExtension: () => 'What is in this file is not what its name says.',
  fileDamaged: () => 'This file is damaged, or there is more in it than there should be.',
  filePixels: ({ max }) => `Choose a picture of at most ${max!.toLocaleString('en')} pixels.`,
  fileArchive: () => 'This archive is encrypted, holds too much, or would write where it should not.',
  fileText: () => 'This file is not a text in UTF-8.',
  fileSize: ({ max }) => `Choose a file of at most ${byteSize(max!, 'en')}.`,
  minFiles: ({ min }) => `Choose at least ${count(min, 'file', 'files')}.`,
  maxFiles: ({ max }) => `Choose at most ${count(max, 'file', 'files')}.`,
  requestSize: ({ max }) => `What you sent is too large. All of it may have ${byteSize(max!, 'en')}. Choose the files again.`,
  fieldSize: ({ max }) => `Enter a text of at most ${byteSize(max!, 'en')}.`,
  partCount: () => 'There are more fields or files in what you sent than can be taken.',
  formInvalid: () => 'Please check what you entered.'
})

/** Fills the places of a sentence, such as `{label}` and `{max}`, of a route's own messages. */
export function fillIn (sentence: string, params: MessageParams): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => name === 'label' || (Object.hasOwn(params, name) && params[name] !== undefined) ? String(params[name]) : place)
}
