import type { SessionStore } from 'fastify-bulwark/session/stores/memory'

/** What the application is given: nothing of it is in the code. */
export interface Site {
  /** `https://app.example`. */
  readonly origin: string
  /** Secrets, from the environment: `npx fastify-bulwark keygen` makes them. */
  readonly keys: { readonly session: readonly string[], readonly csrf: readonly string[] }
  /** Absent behind a proxy that holds the certificate. */
  readonly tls?: { readonly key: Buffer, readonly cert: Buffer }
  /** Where sessions end and devices are remembered. */
  readonly store: SessionStore
  /** The folder of uploads: none that is served. */
  readonly uploads: string
  readonly database: Database
  readonly users: Users
}

/** A database with parameters in the place of `?`. */
export interface Database {
  all (sql: string, values?: unknown[]): unknown[]
}

export interface Users {
  /** The id of the user, if that is the password. */
  signIn (name: string, password: string): Promise<string | undefined>
  isPassword (id: string, password: string): Promise<boolean>
  changePassword (id: string, password: string): Promise<void>
}
