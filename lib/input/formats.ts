import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Format } from 'typebox/format'
import { parseUrl } from '../parse-url.ts'
import { isUsername } from './username.ts'

// Every expression here is linear: no repeated part can match the same text in two ways.

const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+$/i
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const MAC = /^[\da-f]{2}(?:(?::[\da-f]{2}){5}|(?:-[\da-f]{2}){5})$/i
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?$/
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/
const WEEK = /^(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])$/

/** The address that `<input type=email>` admits (HTML, section 4.10.5.1.5), with a dot in its domain and the limits of RFC 5321. */
function isEmail (text: string): boolean {
  return text.length <= 254 && EMAIL.test(text)
}

/** An absolute address that a browser may follow without harm: http or https, no user and password in it. */
function isWebAddress (text: string): boolean {
  return isAddress(text) && /^https?:\/\//i.test(text)
}

/** Any scheme with an authority. `URL` forgives backslashes, blanks and tabs; whoever compares the text afterwards does not. */
function isAddress (text: string): boolean {
  if (!/^[a-z][a-z\d+.-]*:\/\/[^\s\\/?#]/i.test(text) || /[\s\\<>"^`{|}]/.test(text)) return false
  const url = parseUrl(text)
  if (url === undefined) return false
  const { protocol, username, password, hostname } = url
  return !/^(?:javascript|data|vbscript|blob|file):$/.test(protocol) && username === '' && password === '' && hostname !== ''
}

/** A day of the Gregorian calendar, without a time zone: the years from 1 to 9999. */
function isDate (text: string): boolean {
  const match = DATE.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  return year > 0 && month > 0 && month <= 12 && day > 0 && day <= daysIn(year, month)
}

function daysIn (year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function isLeap (year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** Date and time of a clock on a wall, without a time zone: what `<input type=datetime-local>` sends. */
function isDateTimeLocal (text: string): boolean {
  return text[10] === 'T' && isDate(text.slice(0, 10)) && TIME.test(text.slice(11))
}

/** A week by ISO 8601: a year has a week 53 when it begins or ends on a Thursday. */
function isWeek (text: string): boolean {
  const match = WEEK.exec(text)
  if (match === null || Number(match[1]) === 0) return false
  return match[2] !== '53' || [`${match[1]!}-01-01`, `${match[1]!}-12-31`].some((day) => new Date(`${day}T00:00:00Z`).getUTCDay() === 4)
}

/** A test of a string. */
export type FormatTest = (value: string) => boolean

/** The names are under a prefix of their own: TypeBox's table of formats is that of the process, and other programs write there. */
export const FORMAT_PREFIX = 'bulwark:'

/** What the formats of the field builders mean. */
export const FORMATS: ReadonlyMap<string, FormatTest> = new Map<string, FormatTest>(Object.entries<FormatTest>({
  // Blank is nothing that was entered; the empty string is left to `minLength`.
  text: (text) => text === '' || text.trim() !== '',
  multiline: (text) => text === '' || text.trim() !== '',
  secret: () => true,
  username: (text) => isUsername(text, false),
  'username-script': (text) => isUsername(text, true),
  email: isEmail,
  'web-url': isWebAddress,
  url: isAddress,
  uuid: (text) => UUID.test(text),
  ip: (text) => isIP(text) !== 0 && !text.includes('%'),
  ipv4: isIPv4,
  ipv6: (text) => isIPv6(text) && !text.includes('%'),
  mac: (text) => MAC.test(text),
  slug: (text) => /^[a-z\d]+(?:-[a-z\d]+)*$/.test(text),
  decimal: (text) => /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text),
  date: isDate,
  'datetime-local': isDateTimeLocal,
  month: (text) => MONTH.test(text) && !text.startsWith('0000'),
  week: isWeek,
  time: (text) => TIME.test(text),
  color: (text) => /^#[\da-f]{6}$/i.test(text)
}).map(([name, test]) => [`${FORMAT_PREFIX}${name}`, test]))

// Forms look formats up in the table above. These are for a schema that is compiled elsewhere, where an unknown format would pass.
for (const [name, test] of FORMATS) Format.Set(name, test)

/** The formats of JSON Schema that a schema may name without a builder; TypeBox has them. */
export const STANDARD_FORMATS: ReadonlyMap<string, FormatTest> = new Map<string, FormatTest>([
  ['date', isDate],
  ['date-time', Format.IsDateTime],
  ['duration', Format.IsDuration],
  ['email', isEmail],
  ['hostname', Format.IsHostname],
  ['ipv4', isIPv4],
  ['ipv6', (text) => isIPv6(text) && !text.includes('%')],
  ['json-pointer', Format.IsJsonPointer],
  ['password', () => true],
  ['time', Format.IsTime],
  ['uri', Format.IsUri],
  ['uri-reference', Format.IsUriReference],
  ['url', isWebAddress],
  ['uuid', (text) => UUID.test(text)]
])

/** No text of these formats is longer, so a schema need not say so. */
export const BOUNDED_FORMATS: ReadonlySet<string> = new Set([
  ...['uuid', 'ip', 'ipv4', 'ipv6', 'mac', 'date', 'datetime-local', 'month', 'week', 'time', 'color', 'email'].map((name) => `${FORMAT_PREFIX}${name}`),
  'date', 'email', 'ipv4', 'ipv6', 'uuid'
])
