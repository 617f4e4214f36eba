import t from 'tap'
import { ContextReader } from '../../../lib/input/html-context.ts'

t.test('where a value goes', async (t) => {
  const rows: Array<[before: string, context: string]> = [
    ['', 'text'], ['<p>', 'text'], ['a < b', 'text'], ['<p title="', 'attribute'], ["<p title='", 'attribute'], ['<p ', 'attributes'], ['<p title="a" ', 'attributes'],
    ['<a href="', 'address'], ['<a href="/x/', 'attribute'], ['<a href="/', 'segment'], ['<script src=" /', 'segment'], ['<a href="/?', 'attribute'], ['<set to="', 'address'], ['<set attributeName="', 'attribute'],
    ['<meta http-equiv="content-language" content="', 'attribute'], ['<script type="application/json" type="text/javascript">', 'json'], ['<form action="', 'address'], ['<button formaction="', 'address'], ['<img src="', 'address'],
    ['<script src="', 'own'], ['<base href="', 'own'], ['<iframe src="', 'own'], ['<link href="', 'own'], ['<textarea>', 'only-text'], ['<TITLE>', 'only-text'],
    ['<script type="application/json">', 'json'], ['<script type=application/json>', 'json'], ['<script></script>', 'text'], ['<!-- a -->', 'text'], ['<p/>', 'text'], ['<br>', 'text'], ['<p a=b c>', 'text'],
    ['</p>', 'text'], ['<meta content="', 'attribute'], ['<p =x>', 'text'], ['<textarea></textarea>', 'text']
  ]
  for (const [before, context] of rows) {
    const reader = new ContextReader()
    reader.read(before)
    t.equal(reader.context(), context, before)
  }
})

t.test('where no value may go', async (t) => {
  const rows = [
    '<meta http-equiv="refresh" content="', '<meta http-equiv=Refresh content="0;url=', '<animate attributeName="href" values="',
    '<script type="text/javascript" type="application/json">', '<script type="" type="application/json">'
  ]
  for (const before of rows) {
    const reader = new ContextReader()
    t.throws(() => { reader.read(before); reader.context() }, { code: 'BULWARK_ERR_INPUT_HTML_UNSAFE' }, before)
  }
  const loading = new ContextReader()
  loading.read('<script src="/assets/')
  t.equal(loading.context(), 'attribute')
  t.throws(() => { loading.read('-'); loading.context() }, { code: 'BULWARK_ERR_INPUT_HTML_UNSAFE' }, 'a second value in an address from which something is loaded')
  const reader = new ContextReader()
  reader.read('<meta content="0;url=')
  t.equal(reader.context(), 'attribute')
  t.throws(() => reader.read('" http-equiv="refresh">'), { code: 'BULWARK_ERR_INPUT_HTML_UNSAFE' }, 'what it is may be said behind the value')
})
