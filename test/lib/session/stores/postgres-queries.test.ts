import t from 'tap'
import { postgresNames } from '../../../../lib/session/stores/postgres-names.ts'
import { postgresQueries } from '../../../../lib/session/stores/postgres-queries.ts'

// What they do is shown on a real server, in test/services. Here is what can be read in them.

const queries = Object.entries(postgresQueries(postgresNames('app', 'web_')))

t.test('each is one statement, and every table has its schema', async (t) => {
  for (const [name, text] of queries) {
    t.notMatch(text, ';', name)
    for (const [, table] of text.matchAll(/(?:(?<!distinct|epoch) from|insert into|[^ro] update) ([\w".]+)/g)) t.match(table, /^(?:"app"\.|found$|ended$)/, name)
  }
})

t.test('no value stands in a statement', async (t) => {
  for (const [name, text] of queries) t.notMatch(text.replaceAll("''", ''), "'", name)
})
