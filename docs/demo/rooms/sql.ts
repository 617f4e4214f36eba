import { f, input } from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'
import { openDatabase } from '../database.ts'
import type { Room } from '../room.ts'

const path = '/sql'
const SQL = 'SELECT name, email FROM users WHERE name = ?'

/** Only these are ever put into a statement: what a visitor types could keep the database busy for ever. */
const READY: readonly string[] = ['Anna', "Pat O'Neil", "' OR '1'='1", "' UNION SELECT 'the schema', sql FROM sqlite_master --"]

const Query = Type.Object({ q: Type.Optional(f.text({ max: 100 })) })

/** The injection of the article, beside the statement and its parameters. */
export const room: Room = {
  path,
  title: 'SQL',
  summary: 'The same text in a statement and beside it: once it changes what is asked, once it is a name that nobody has.',
  register: async (app, { live }) => {
    await app.register(input)
    const database = openDatabase()
    app.addHook('onClose', async () => { database.close() })

    function glued (text: string): { sql: string, rows?: unknown, error?: string } {
      const sql = `SELECT name, email FROM users WHERE name = '${text}'`
      if (!READY.includes(text)) return { sql }
      try {
        return { sql, rows: database.all(sql) }
      } catch {
        return { sql, error: 'The database cannot read this statement any more.' }
      }
    }

    app.get(path, { schema: { querystring: Query } }, (request, reply) => {
      const { q: text = READY[2]! } = request.query as Static<typeof Query>
      return reply.view('sql.eta', { room: path, title: 'SQL', text, ready: READY, glued: glued(text), sql: SQL, rows: database.all(SQL, [text]), liveId: live.remember(reply) })
    })
  }
}
