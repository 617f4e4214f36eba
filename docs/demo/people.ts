import { hash, verify } from '@node-rs/argon2'
import type { FastifyInstance } from 'fastify'
import sqlite from 'node-sqlite3-wasm'

/** Somebody who can sign in to the demonstration. */
interface Person {
  readonly id: string
  readonly name: string
}

/** The passwords are on the page, since anybody may play anybody here. */
export const PASSWORDS: Readonly<Record<string, string>> = { Ada: 'difference engine', Grace: 'nanosecond of wire', Edsger: 'shortest path' }

/** The people of the demonstration, in an embedded database: names and Argon2id hashes, no passwords. */
class People {
  readonly #database = new sqlite.Database()
  #decoy = ''

  async fill (): Promise<void> {
    this.#database.exec('create table people (id integer primary key, name text not null unique, hash text not null)')
    for (const [name, password] of Object.entries(PASSWORDS)) this.#database.run('insert into people (name, hash) values (?, ?)', [name, await hash(password)])
    this.#decoy = await hash('nobody')
  }

  /** Who gave this name and this password. A name that is unknown takes as long as a wrong password. */
  async signIn (name: string, password: string): Promise<Person | undefined> {
    const row = this.#database.get('select id, name, hash from people where name = ?', [name]) as { id: number, name: string, hash: string } | null
    const isRight = await verify(row?.hash ?? this.#decoy, password)
    return isRight && row !== null ? { id: String(row.id), name: row.name } : undefined
  }

  nameOf (id: string): string | undefined {
    return (this.#database.get('select name from people where id = ?', [Number(id)]) as { name: string } | null)?.name
  }

  close (): void {
    this.#database.close()
  }
}

/** The people of a room, for as long as it is open. */
export async function peopleOf (app: FastifyInstance): Promise<People> {
  const people = new People()
  await people.fill()
  app.addHook('onClose', async () => people.close())
  return people
}
