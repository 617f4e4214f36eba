import { byteSize } from './byte-size.ts'
import { kinds, type Message, type MessageParams, type Messages } from './messages.ts'

function count (number: unknown, one: string, many: string): string {
  return `${String(number)} ${number === 1 ? one : many}`
}

const numbers: Message = ({ min, max }: MessageParams) => {
  if (min === undefined || min === -Number.MAX_SAFE_INTEGER) return `Geben Sie eine Zahl bis höchstens ${max!} ein.`
  return max === undefined || max === Number.MAX_SAFE_INTEGER ? `Geben Sie eine Zahl ab ${min} ein.` : `Geben Sie eine Zahl von ${min} bis ${max} ein.`
}

/** The messages in German. */
export const german: Messages = Object.freeze({
  required: () => 'Dieses Feld muss ausgefüllt werden.',
  accepted: () => 'Bitte setzen Sie hier ein Häkchen.',
  characters: () => 'Dieses Feld enthält Zeichen, die nicht erlaubt sind.',
  text: () => 'Geben Sie einen Text ein.',
  integer: () => 'Geben Sie eine ganze Zahl ein.',
  number: () => 'Geben Sie eine Zahl ein.',
  boolean: () => 'Wählen Sie Ja oder Nein.',
  list: () => 'Geben Sie eine Liste an.',
  object: () => 'Geben Sie ein Objekt an.',
  invalid: () => 'Dieser Wert ist nicht erlaubt.',
  unknown: () => 'Dieses Feld gibt es nicht.',
  minLength: ({ min }) => `Verwenden Sie mindestens ${count(min, 'Zeichen', 'Zeichen')}.`,
  maxLength: ({ max }) => `Verwenden Sie höchstens ${count(max, 'Zeichen', 'Zeichen')}.`,
  length: ({ max }) => `Verwenden Sie genau ${count(max, 'Zeichen', 'Zeichen')}.`,
  pattern: () => 'Der Wert hat nicht die verlangte Form.',
  minimum: numbers,
  maximum: numbers,
  exclusiveMinimum: ({ min }) => `Geben Sie eine Zahl ein, die größer als ${min!} ist.`,
  exclusiveMaximum: ({ max }) => `Geben Sie eine Zahl ein, die kleiner als ${max!} ist.`,
  range: () => 'Diese Zahl liegt außerhalb des erlaubten Bereichs.',
  multipleOf: ({ step }) => `Geben Sie ein Vielfaches von ${step!} ein.`,
  minItems: ({ min }) => `Geben Sie mindestens ${count(min, 'Eintrag', 'Einträge')} an.`,
  maxItems: ({ max }) => `Geben Sie höchstens ${count(max, 'Eintrag', 'Einträge')} an.`,
  uniqueItems: () => 'Geben Sie jeden Eintrag nur einmal an.',
  choice: () => 'Wählen Sie eine der Möglichkeiten.',
  noneOf: () => 'Dieser Wert ist nicht verfügbar.',
  email: () => 'Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.',
  url: () => 'Geben Sie eine Webadresse ein, die mit https:// oder http:// beginnt.',
  uri: () => 'Geben Sie eine Adresse ein.',
  'uri-reference': () => 'Geben Sie eine Adresse ein.',
  uuid: () => 'Geben Sie eine UUID ein.',
  ip: () => 'Geben Sie eine IP-Adresse ein.',
  mac: () => 'Geben Sie eine MAC-Adresse ein.',
  slug: () => 'Verwenden Sie Kleinbuchstaben, Ziffern und einzelne Bindestriche.',
  username: () => 'Verwenden Sie Buchstaben, Ziffern, Punkte und Unterstriche, am Anfang einen Buchstaben.',
  decimal: () => 'Geben Sie eine Zahl ein, zum Beispiel 12.50.',
  date: () => 'Geben Sie ein Datum ein.',
  'datetime-local': () => 'Geben Sie ein Datum und eine Uhrzeit ein.',
  'date-time': () => 'Geben Sie ein Datum und eine Uhrzeit mit Zeitzone ein.',
  duration: () => 'Geben Sie eine Dauer ein.',
  month: () => 'Geben Sie einen Monat ein.',
  week: () => 'Geben Sie eine Woche ein.',
  time: () => 'Geben Sie eine Uhrzeit ein.',
  color: () => 'Geben Sie eine Farbe ein, zum Beispiel #1a2b3c.',
  hostname: () => 'Geben Sie den Namen eines Rechners ein.',
  'json-pointer': () => 'Geben Sie einen JSON-Pointer ein.',
  equalTo: ({ other }) => `Dieser Wert muss derselbe sein wie bei „${other!}“.`,
  requiredIf: () => 'Dieses Feld muss ausgefüllt werden.',
  taken: () => 'Das ist schon vergeben.',
  passwordShort: ({ min }) => `Verwenden Sie mindestens ${count(min, 'Zeichen', 'Zeichen')}.`,
  passwordCommon: () => 'Dieses Passwort würde jemand als eines der ersten versuchen. Wählen Sie ein anderes.',
  passwordContext: () => 'Verwenden Sie nichts, was andere über Sie wissen, und nicht den Namen dieser Seite.',
  passwordBreached: () => 'Dieses Passwort haben Diebe veröffentlicht. Wählen Sie ein anderes.',
  file: () => 'Wählen Sie eine Datei.',
  fileType: ({ values }) => `Wählen Sie eine Datei einer Art, die hier angenommen wird: ${kinds(values)}.`,
  fileExtension: () => 'In dieser Datei ist nicht, was ihr Name sagt.',
  fileDamaged: () => 'Diese Datei ist beschädigt, oder es ist mehr in ihr, als in ihr sein sollte.',
  filePixels: ({ max }) => `Wählen Sie ein Bild mit höchstens ${max!.toLocaleString('de')} Bildpunkten.`,
  fileArchive: () => 'Dieses Archiv ist verschlüsselt, enthält zu viel oder würde dorthin schreiben, wohin es nicht soll.',
  fileText: () => 'Diese Datei ist kein Text in UTF-8.',
  fileSize: ({ max }) => `Wählen Sie eine Datei mit höchstens ${byteSize(max!, 'de')}.`,
  minFiles: ({ min }) => `Wählen Sie mindestens ${count(min, 'Datei', 'Dateien')}.`,
  maxFiles: ({ max }) => `Wählen Sie höchstens ${count(max, 'Datei', 'Dateien')}.`,
  requestSize: ({ max }) => `Was Sie gesendet haben, ist zu groß. Alles zusammen darf ${byteSize(max!, 'de')} haben. Wählen Sie die Dateien noch einmal.`,
  fieldSize: ({ max }) => `Geben Sie einen Text mit höchstens ${byteSize(max!, 'de')} ein.`,
  partCount: () => 'Was Sie gesendet haben, hat mehr Felder oder Dateien, als angenommen werden.',
  formInvalid: () => 'Bitte prüfen Sie Ihre Eingaben.'
})
