// A body of multipart/form-data (RFC 7578), byte by byte, since FormData would not let a test lie.

export const BOUNDARY = 'bulwark-boundary'
export const CONTENT_TYPE: string = `multipart/form-data; boundary=${BOUNDARY}`

export interface FormPart {
  readonly name?: string
  readonly filename?: string
  readonly type?: string
  readonly data?: string | Buffer
}

export function formBody (...parts: FormPart[]): Buffer {
  const bytes = parts.flatMap(({ name, filename, type, data = '' }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data${name === undefined ? '' : `; name="${name}"`}${filename === undefined ? '' : `; filename="${filename}"`}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`),
    Buffer.from(data as string),
    Buffer.from('\r\n')
  ])
  return Buffer.concat([...bytes, Buffer.from(`--${BOUNDARY}--\r\n`)])
}
