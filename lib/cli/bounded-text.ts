import { CommandError } from './command-error.ts'

/** Bytes of a text that is read: Node takes headers of 16 KiB, proxies of less, and a page of `curl -i` may stand behind them. */
export const MOST_BYTES = 1_048_576

/** All of a stream as text. Throws `CommandError` when there is more than a megabyte, without reading on. */
export async function boundedText (stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as string)
    size += bytes.length
    if (size > MOST_BYTES) throw new CommandError('The input is longer than a megabyte.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString()
}
