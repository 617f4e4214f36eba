import { SecurityError, type ErrorCode } from '../errors.ts'
import type { FormParts } from '../form-files.ts'
import { inBatches, sizeOf } from './batches.ts'
import { drain } from './drain.ts'
import { toFaults, type Refusal } from './file-fault.ts'
import { safeFileName } from './file-name.ts'
import { inspect, type Detector } from './inspect.ts'
import { errorOf, silenced, type MultipartRequest, type Part } from './parser.ts'
import type { FieldRules, ResolvedLimits } from './settings.ts'
import { MemorySink, randomName, type Sink, type Spool } from './spool.ts'
import { Upload } from './upload.ts'

/** What a route takes. */
export interface UploadPlan {
  readonly fields: ReadonlyMap<string, FieldRules>
  readonly limits: ResolvedLimits
  /** Somebody answers the form: what is wrong with a file is told with the rest, so that reading goes on behind it. */
  readonly isAnswered: boolean
}

/** What a client says of a file. */
interface Claim { readonly field: string, readonly name: string, readonly claimedType: string }

/** What all intakes of an application share. */
export interface IntakeHost {
  /** There from the moment when the application is ready. */
  spool: Spool | undefined
  readonly detect: Detector | undefined
}

const TOO_LARGE = 'BULWARK_ERR_FILES_TOO_LARGE'
const TOO_MANY = 'BULWARK_ERR_FILES_TOO_MANY'
const TOO_LONG = 'BULWARK_ERR_FILES_FIELD_TOO_LONG'
const LONGEST_FIELD_NAME = 200
const LONGEST_NAME = 1000
const LONGEST_TYPE = 100
/** What a client may go on sending that was refused. */
const MOST_DRAINED = 16_777_216
const LONGEST_DRAIN = 10

/** The files and fields of one request. */
export class Intake {
  /** Fields that are no files: texts, and lists of texts for a name that came more than once. */
  readonly fields: Record<string, string | string[]> = Object.create(null)
  readonly refusals: Refusal[] = []
  readonly #uploads = new Map<string, Upload[]>()
  readonly #counts = new Map<string, number>()
  readonly #sinks = new Set<Sink>()
  readonly #plan: UploadPlan
  readonly #host: IntakeHost
  #current: Part['file']
  #isOver = false
  #isWhole = true

  constructor (plan: UploadPlan, host: IntakeHost) {
    this.#plan = plan
    this.#host = host
  }

  /** The file of a field; the first one of several. */
  get (field: string): Upload | undefined {
    return this.#uploads.get(field)?.[0]
  }

  /** All files of a field. */
  getAll (field: string): readonly Upload[] {
    return this.#uploads.get(field) ?? []
  }

  /** All files, in the order in which they came. */
  all (): Upload[] {
    return [...this.#uploads.values()].flat()
  }

  /** The same for who reads the rest of the form. */
  get parts (): FormParts {
    const files = Object.fromEntries(Array.from(this.#uploads, ([field, uploads]) => [field, uploads.length === 1 ? uploads[0]! : uploads]))
    return { fields: this.fields, files, faults: toFaults(this.refusals), isWhole: this.#isWhole }
  }

  /** Somebody else answers the form: its files are in the values, and not here. */
  get isAnswered (): boolean {
    return this.#plan.isAnswered
  }

  /**
   * Reads a body. Throws `SecurityError`, with status 4xx unless the disk fails, when it cannot be read to its end; then nothing of it is left.
   * A body that is too large is no error where somebody answers the form.
   */
  async read (request: MultipartRequest): Promise<void> {
    const { raw, headers } = request
    try {
      // A hook before this one took its time, and the client went: nothing would ever come.
      if (raw.destroyed) throw new SecurityError('BULWARK_ERR_FILES_BODY_REFUSED')
      // Nothing is read of what says itself that it is too long.
      if (!this.isAnswered && Number(headers['content-length']) > this.#plan.limits.request) throw new SecurityError(TOO_LARGE)
      await this.#readParts(request)
      this.#requireFiles()
    } catch (cause) {
      raw.unpipe()
      drain(raw, MOST_DRAINED, LONGEST_DRAIN)
      await this.dispose()
      const error = errorOf(cause)
      if (!this.isAnswered || error.statusCode !== 413) throw error
      this.#isWhole = false
      this.#uploads.clear()
      if (!this.refusals.some(({ code }) => code === error.code)) this.refusals.push(this.#excess(error.code))
    }
    // The client may have gone while the last file was looked at.
    if (this.#isOver) await this.dispose()
  }

  /** Notes the fields that must have a file and have none. Where somebody answers the form, its schema says which these are. */
  #requireFiles (): void {
    for (const [field, { required }] of this.#plan.fields) {
      if (required && !this.#uploads.has(field) && !this.refusals.some((refusal) => refusal.field === field)) this.refusals.push({ field, code: 'BULWARK_ERR_FILES_REQUIRED', reason: 'no file', key: 'required', params: {} })
    }
  }

  /** What is said of a body that was not read to its end. */
  #excess (code: ErrorCode): Refusal {
    return { field: '', code, reason: 'the body', ...code === TOO_LARGE ? { key: 'requestSize', params: { max: this.#plan.limits.request } } : { key: 'partCount', params: {} } }
  }

  /** What is too much ends the reading, unless somebody answers the form. */
  #refuse (refusal: Refusal): void {
    if (!this.isAnswered) throw new SecurityError(refusal.code)
    this.refusals.push(refusal)
  }

  /** Takes all temporary files away. */
  async dispose (): Promise<void> {
    this.#isOver = true
    await Promise.all(Array.from(this.#sinks, (sink) => sink.remove()))
  }

  async #readParts (request: MultipartRequest): Promise<void> {
    const { raw } = request
    const { limits, fields } = this.#plan
    // One more than there may be, so that it can be told in which field.
    const files = Array.from(fields.values()).reduce((sum, { maxCount }) => sum + maxCount, this.isAnswered ? 1 : 0)
    let total = 0
    let fail!: (error: Error) => void
    const failed = new Promise<never>((_resolve, reject) => { fail = reject })
    const count = (chunk: Buffer): void => {
      total += chunk.length
      if (total <= limits.request) return
      const error = new SecurityError(TOO_LARGE)
      raw.unpipe()
      this.#current?.destroy(error)
      fail(error)
    }
    raw.on('data', count)
    // Parts are asked for in the same turn as the listener was added, so that not a byte flows past the parser.
    const parts = request.parts({
      headers: silenced(request.headers),
      throwFileSizeLimit: false,
      limits: { fileSize: limits.request + 1, fieldSize: limits.fieldSize, fields: limits.fields, files, parts: files + limits.fields, headerPairs: 20 }
    })
    try {
      for (let next = await Promise.race([parts.next(), failed]); next.done !== true; next = await Promise.race([parts.next(), failed])) await this.#take(next.value)
    } finally {
      raw.off('data', count)
      failed.catch(() => {})
    }
  }

  async #take (part: Part): Promise<void> {
    const { fieldname } = part
    if (fieldname === undefined || fieldname === '' || fieldname.length > LONGEST_FIELD_NAME) throw new SecurityError('BULWARK_ERR_FILES_BODY_REFUSED')
    const rules = this.#plan.fields.get(fieldname)
    if (part.file === undefined) return this.#takeField(part, fieldname, rules)
    if (rules === undefined) throw new SecurityError('BULWARK_ERR_FILES_FIELD_UNKNOWN')
    this.#current = part.file
    await this.#takeFile(part.file, { field: fieldname, name: part.filename ?? '', claimedType: part.mimetype ?? '' }, rules)
  }

  #takeField ({ value, mimetype = '', valueTruncated }: Part, name: string, rules: FieldRules | undefined): void {
    if (valueTruncated === true) return this.#refuse({ field: name, code: TOO_LONG, reason: 'a text', key: 'fieldSize', params: { max: this.#plan.limits.fieldSize } })
    // @fastify/multipart makes an object of a field that says it is JSON; who reads a form expects texts. And a text is no file.
    if (typeof value !== 'string' || mimetype.startsWith('application/json') || rules !== undefined) throw new SecurityError('BULWARK_ERR_FILES_BODY_REFUSED')
    const before = this.fields[name]
    if (typeof before === 'object') before.push(value)
    else this.fields[name] = before === undefined ? value : [before, value]
  }

  async #takeFile (file: AsyncIterable<Buffer>, { field, name, claimedType }: Claim, rules: FieldRules): Promise<void> {
    let sink: Sink | undefined
    let size = 0
    let isRefused = name !== '' && this.#isOneTooMany(field, rules)
    for await (const batch of inBatches(file, rules.maxSize)) {
      // The rest of what is refused is dropped: there may be fields behind it.
      if (isRefused) continue
      size += sizeOf(batch)
      if (size > rules.maxSize) {
        isRefused = true
        this.#refuse({ field, code: TOO_LARGE, reason: 'a file', key: 'fileSize', params: { max: rules.maxSize } })
        if (sink !== undefined) await this.#drop(sink)
        continue
      }
      sink ??= await this.#open(rules)
      await this.#stored(sink.write(batch))
    }
    // What a browser sends for a file that was not chosen has no name.
    if (isRefused || (name === '' && size === 0)) return
    sink ??= await this.#open(rules)
    const verdict = await this.#stored(inspect(sink.reader(), name, rules, this.#host.detect))
    if (!verdict.ok) {
      const { ok: _, ...refusal } = verdict
      this.refusals.push({ field, ...refusal })
      return await this.#drop(sink)
    }
    const { type, mediaType, extension } = verdict
    const storedName = randomName(extension)
    await this.#stored(sink.finish(storedName))
    const upload = new Upload({ field, originalName: name.slice(0, LONGEST_NAME), claimedType: claimedType.slice(0, LONGEST_TYPE), safeName: safeFileName(name), storedName, type, mediaType, size }, sink)
    this.#uploads.set(field, [...this.getAll(field), upload])
  }

  async #open ({ store }: FieldRules): Promise<Sink> {
    const sink = store === 'memory' ? new MemorySink() : await this.#stored(this.#host.spool!.create())
    this.#sinks.add(sink)
    return sink
  }

  async #drop (sink: Sink): Promise<void> {
    await sink.remove()
    this.#sinks.delete(sink)
  }

  #isOneTooMany (field: string, { maxCount }: FieldRules): boolean {
    const count = (this.#counts.get(field) ?? 0) + 1
    this.#counts.set(field, count)
    if (count > maxCount) this.#refuse({ field, code: TOO_MANY, reason: 'a file', key: 'maxFiles', params: { max: maxCount } })
    return count > maxCount
  }

  /** The disk may be full. Where the client went, its file was taken away while it was written: no fault of the disk, for which somebody would be woken. */
  async #stored<T> (work: Promise<T>): Promise<T> {
    return await work.catch((cause: unknown) => { throw new SecurityError(this.#isOver ? 'BULWARK_ERR_FILES_BODY_REFUSED' : 'BULWARK_ERR_FILES_STORE_FAILED', undefined, { cause }) })
  }
}
