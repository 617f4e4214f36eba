import type { FastifyInstance } from 'fastify'
import { f, likePattern, sqlIdentifier } from 'fastify-bulwark/input'
import { Type, type Static } from 'typebox'
import type { Site } from './site.ts'

// #region sql
const Search = Type.Object({
  name: Type.Optional(f.text({ max: 50 })),
  like: Type.Optional(f.text({ max: 50 })),
  by: Type.Optional(f.choice(['name', 'newest']))
})
const column = sqlIdentifier({ name: 'name', newest: 'id' })

export function people (app: FastifyInstance, { database }: Site): void {
  app.get('/people', { schema: { querystring: Search } }, (request) => {
    const { name, like = '', by = 'name' } = request.query as Static<typeof Search>
    // What was typed stands beside the statement. The column comes from a list, since no parameter can name one.
    if (name !== undefined) return database.all('SELECT name FROM users WHERE name = ?', [name])
    return database.all(`SELECT name FROM users WHERE name LIKE ? ESCAPE '\\' ORDER BY ${column(by)}`, [`%${likePattern(like)}%`])
  })
}
// #endregion sql
