import fc from 'fast-check'
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import t from 'tap'
import { inlineElements } from '../../../lib/integrity/inline-elements.ts'

const cases: Array<[what: string, html: string, scripts: string[], styles?: string[]]> = [
  ['none', '<!doctype html><p>a</p>', []],
  ['one', '<script>a()</script>', ['a()']],
  ['as it stands, white space and all', '<script>\n  a()\n</script>', ['\n  a()\n']],
  ['line ends, as a browser has them', '<script>\r\na\rb\n</script>', ['\na\nb\n']],
  ['an empty one', '<script></script>', ['']],
  ['capitals', '<SCRIPT>a()</SCRIPT\n>', ['a()']],
  ['one from a file', '<script src="/a.js">ignored()</script>', []],
  ['one from nowhere', '<script src>ignored()</script>', []],
  ['attributes of any kind', '<script a=">" b=\'>\' c=d/ defer/nonce = x>a()</script x=">">', ['a()']],
  ['an equals sign as a name', '<script =src=x>a()</script>', ['a()']],
  ['the first of two types counts', '<script type=module type=text/plain>a()</script>', ['a()']],
  ['types that run', ['', 'module', 'importmap', 'speculationrules', 'text/javascript', ' TEXT/JavaScript ', 'application/ecmascript', 'text/javascript1.5'].map((type, index) => `<script type="${type}">${index}</script>`).join(''), ['0', '1', '2', '3', '4', '5', '6', '7']],
  ['types that are data', ['application/json', 'application/ld+json', 'text/plain', 'text/x-template', 'text/javascript; charset=utf-8', 'text/javascript1.6'].map((type) => `<script type="${type}">x</script>`).join(''), []],
  ['a comment', '<!-- <script>a()</script> --><script>b()</script>', ['b()']],
  ['a comment that ends at once', '<!--><script>a()</script><!---><script>b()</script>', ['a()', 'b()']],
  ['a comment that ends with an exclamation mark', '<!-- --!><script>a()</script>-->', ['a()']],
  ['a comment that does not end there, either', '<!---!><script>a()</script>-->', []],
  ['many comments', `${'<!---->'.repeat(100_000)}<script>a()</script>`, ['a()']],
  ['a comment that does not end there', '<!--!><script>a()</script>-->', []],
  ['a comment without its end', '<!-- <script>a()</script>', []],
  ['markup that is a comment', '<!a><?b><script>a()</script></ c ><script>b()</script></><script>c()</script>', ['a()', 'b()', 'c()']],
  ['markup that is a comment, with a script in it', '<?php <script>a()</script>', []],
  ['a lesser-than sign', 'a < b <3 <<script>a()</script>', ['a()']],
  ['a tag in an attribute', '<p title="<script>a()</script>"><script>b()</script>', ['b()']],
  ['a tag without its end', '<script>a()</script><p title="<script>b()</script>', ['a()']],
  ['a text area', '<textarea><script>a()</script></textarea><script>b()</script>', ['b()']],
  ['a title', '<title><script>a()</script></title><script>b()</script>', ['b()']],
  ['a text area without its end', '<textarea><script>a()</script>', []],
  ['noscript, where scripts run', '<noscript><script>a()</script></noscript><script>b()</script>', ['b()']],
  ['a frame', '<iframe><script>a()</script></iframe><xmp><script></xmp><noembed><script></noembed>', []],
  ['plain text', '<script>a()</script><plaintext><script>b()</script>', ['a()']],
  ['a style', '<style>p > a { }</style><style media=print></style>', [], ['p > a { }', '']],
  ['a style with a script', '<style><script>a()</script></style>', [], ['<script>a()</script>']],
  ['a script with a tag in a string', '<script>"<style>"</script>', ['"<style>"']],
  ['the end of another element', '<script>"</scripty></style>"</script>', ['"</scripty></style>"']],
  ['a script with a comment', '<script><!-- a()\n</script>', ['<!-- a()\n']],
  ['a script with a comment and a script', '<script><!-- <script>a</script> --></script>', ['<!-- <script>a</script> -->']],
  ['which ends', '<script><!-- <script> --></script>x</script>', ['<!-- <script> -->']],
  ['a comment that ends at once in a script', '<script><!--><script></script>', ['<!--><script>']],
  ['a comment that ends a little later', '<script><!---><script></script>', ['<!---><script>']],
  ['a comment twice', '<script><!-- <!-- <script></script> </script>', ['<!-- <!-- <script></script> ']],
  ['a script that looks twice as deep', '<script><!--<script <script></script></script>', ['<!--<script <script></script>']],
  ['a zero', '<script>a\0b</script>', ['a\ufffdb']],
  ['a drawing', '<svg><title>a</title><path d="M0"/></svg><script>a()</script>', ['a()']],
  ['a drawing that is empty', '<svg/><style>a</style><math/><script>b()</script>', ['b()'], ['a']],
  ['drawings in each other', '<svg><svg></svg></svg><script>a()</script>', ['a()']],
  ['an end without a beginning', '</svg></select><script>a()</script>', ['a()']],
  ['a selection', '<select><option>a</select><script>a()</script>', ['a()']],
  ['a template', '<template><script>a()</script></template>', ['a()']]
]
for (const [what, html, scripts, styles = []] of cases) {
  t.test(what, async (t) => t.same(inlineElements(html), { scripts, styles }))
}

const refused: Array<[what: string, html: string, message: string]> = [
  ['a script in a drawing', '<svg>\n<script>a()</script></svg>', 'Line 2: expected scripts and styles whose place is plain, received `script` inside `svg`.'],
  ['a script in a file in a drawing', '<svg><script href="a.js"/></svg>', '`script` inside `svg`'],
  ['a style in a drawing', '<svg><style>a</style></svg>', '`style` inside `svg`'],
  ['a drawing that does not close itself', '<svg a=b/><style>a</style></svg>', '`style` inside `svg`'],
  ['a section in a drawing', '<svg><![CDATA[<script>a()</script>]]></svg>', 'a section CDATA'],
  ['a style in a formula', '<math><mi><style>a</style></mi></math>', '`style` inside `math`'],
  ['a script in a selection', '<select><script>a()</script></select>', '`script` inside `select`'],
  ['a title in a selection', '<select><title>a</title></select>', '`title` inside `select`'],
  ['a selection that does not close itself', '<select/><style>a</style>', '`style` inside `select`'],
  ['a frameset', '<frameset><script>a()</script></frameset>', 'a frameset'],
  ['a script without its end', '<script>a()', '`script` without its end'],
  ['a script whose end is hidden', '<script><!-- <script></script>', '`script` without its end'],
  ['a style without its end', '<style>a', '`style` without its end'],
  ['a type in disguise', '<script type="text/&#106;avascript">a()</script>', 'a type with a character reference']
]
for (const [what, html, message] of refused) {
  t.test(`refused: ${what}`, async (t) => t.throws(() => inlineElements(html), { code: 'BULWARK_ERR_INTEGRITY_HTML_UNDECIDED', message }))
}

/** What parse5 finds, which follows the standard to the letter. */
function reference (html: string): { scripts: string[], styles: string[] } {
  const scripts: string[] = []
  const styles: string[] = []
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node && (node.tagName === 'script' || node.tagName === 'style')) {
      const text = node.childNodes.map((child) => 'value' in child ? child.value : '').join('')
      if (node.tagName === 'style') styles.push(text)
      else if (!node.attrs.some(({ name }) => name === 'src')) scripts.push(text)
    }
    if ('content' in node) visit(node.content)
    if ('childNodes' in node) node.childNodes.forEach(visit)
  }
  visit(parse(html, { scriptingEnabled: true }))
  return { scripts, styles }
}

t.test('what it finds is what a parser finds that follows the standard, or it refuses', async (t) => {
  const piece = fc.constantFrom('<script>', '</script>', '<script ', '<style>', '</style>', '<!--', '-->', '--!>', '<!', '>', '<', '/', '-', '"', "'", '=', ' ', '\n', 'a', '<p ', '<textarea>', '</textarea>',
    '<title>', '</title>', '<noscript>', '</noscript>', '</', '<?', '<script src=a>', '\r', '<svg>', '</svg>', '<script/>', '<SCRIPT a="', '</scRIPT\t', '<select>', '</select>')
  let decided = 0
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
    const html = `<!doctype html><body>${pieces.join('')}`
    let found
    try {
      found = inlineElements(html)
    } catch (error) {
      return (error as { code: string }).code === 'BULWARK_ERR_INTEGRITY_HTML_UNDECIDED'
    }
    decided++
    const { scripts, styles } = reference(html)
    return found.scripts.toSorted().join('\0') === scripts.toSorted().join('\0') && found.styles.toSorted().join('\0') === styles.toSorted().join('\0')
  }), { numRuns: 3000 })
  t.ok(decided > 1000, `${decided} of 3000 were decided`)
})
