/** A file to try, made here so that nobody has to look for one. */
export interface FileSample {
  readonly name: string
  readonly what: string
  readonly bytes: Buffer
}

const SCRIPT = '<script>console.log("ran"); alert("ran")</script>'
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

const PNG = hex('89504e470d0a1a0a 0000000d49484452000000010000000108060000001f15c489 0000000d49444154789c63f8cfc0f01f0005000 1ff89993d1d 0000000049454e44ae426082')
const GIF = hex('474946383961 0100 0100 80 00 00 000000 ffffff')
const GIF_IMAGE = hex('2c 0000 0000 0100 0100 00 02 02 4c01 00 3b')

function flood (): Buffer {
  const bytes = Buffer.from(PNG)
  bytes.writeUInt32BE(60_000, 16)
  bytes.writeUInt32BE(60_000, 20)
  return bytes
}

/** A picture whose bytes are a script, too: its width begins a comment of the script, and its own comment ends that one. */
function polyglot (): Buffer {
  const head = Buffer.from(GIF)
  head.write('/*', 6, 'latin1')
  const comment = '*/=1;console.log("ran");//'
  return Buffer.concat([head, Buffer.from(`\x21\xfe${String.fromCharCode(comment.length)}${comment}\0`, 'latin1'), GIF_IMAGE])
}

/** The samples, by the name under which they are saved. */
export const FILE_SAMPLES: readonly FileSample[] = [
  { name: 'picture.png', what: 'A picture, and nothing else.', bytes: PNG },
  { name: 'note.txt', what: 'A text with a script further down, for browsers that guess.', bytes: Buffer.from(`Hello\n${SCRIPT}\n`) },
  { name: 'page.html', what: 'A page with a script.', bytes: Buffer.from(`<!doctype html><title>page</title>${SCRIPT}`) },
  { name: 'page.png', what: 'The same page, called a picture.', bytes: Buffer.from(`<!doctype html><title>page</title>${SCRIPT}`) },
  { name: 'drawing.svg', what: 'A drawing with a script and a handler.', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="console.log(\'ran\')"><script>console.log("ran")</script></svg>') },
  { name: 'feed.xml', what: 'XML that makes itself a page with a script.', bytes: Buffer.from('<?xml version="1.0"?><feed xmlns:h="http://www.w3.org/1999/xhtml"><h:script>console.log("ran")</h:script></feed>') },
  { name: 'paper.pdf', what: 'A PDF that runs JavaScript when it is opened.', bytes: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(console.println("ran");app.alert("ran"))>>>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n') },
  { name: 'both.gif', what: 'A picture whose bytes are a script, too.', bytes: polyglot() },
  { name: 'tail.png', what: 'A picture with a page behind it.', bytes: Buffer.concat([PNG, Buffer.from(SCRIPT)]) },
  { name: 'flood.png', what: 'A picture of 60,000 by 60,000 pixels in 70 bytes.', bytes: flood() }
]
