import t from 'tap'
import { ContextReader } from '../../../lib/input/html-context.ts'

t.test('where a value goes', async (t) => {
  const rows: Array<[before: string, context: string]> = [
    ['', 'text'], ['<p>', 'text'], ['a < b', 'text'], ['<p title="', 'attribute'], ["<p title='", 'attribute'], ['<p ', 'attributes'], ['<p title="a" ', 'attributes'],
    ['<a href="', 'address'], ['<a href="/x/', 'attribute'], ['<form action="', 'address'], ['<button formaction="', 'address'], ['<img src="', 'address'],
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
