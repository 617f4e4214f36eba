import type { Room } from './room.ts'
import { room as csrf } from './rooms/csrf.ts'
import { room as files } from './rooms/files.ts'
import { room as forms } from './rooms/forms.ts'
import { room as headers } from './rooms/headers.ts'
import { room as integrity } from './rooms/integrity.ts'
import { room as redirect } from './rooms/redirect.ts'
import { room as remember } from './rooms/remember.ts'
import { room as session } from './rooms/session.ts'
import { room as sql } from './rooms/sql.ts'
import { room as transport } from './rooms/transport.ts'

/** The rooms that are open, in the order of the home page. A plugin adds its file in `rooms/`, its view, and its name here. */
export const rooms: readonly Room[] = [headers, transport, integrity, session, remember, csrf, forms, sql, files, redirect]
