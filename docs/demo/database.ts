import { createRequire } from 'node:module'
import type { Database } from 'node-sqlite3-wasm'

// The package is CommonJS without names that an import would find.
const sqlite = createRequire(import.meta.url)('node-sqlite3-wasm') as { Database: new () => Database }

/** A database in the memory of this process, with three people in it. */
export function openDatabase (): Database {
  const database = new sqlite.Database()
  database.run('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE)')
  for (const [name, email] of [['Anna', 'anna@example.com'], ["Pat O'Neil", 'pat@example.com'], ['Taken', 'taken@example.com']]) {
    database.run('INSERT INTO users (name, email) VALUES (?, ?)', [name!, email!])
  }
  return database
}
