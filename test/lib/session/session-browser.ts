import { Session } from '../../../lib/session/session.ts'
import type { SessionOptions } from '../../../lib/session/settings.ts'
import type { SessionState } from '../../../lib/session/state.ts'
import { Clock, Reply, settingOf, type Setting } from './fixture.ts'

// What a browser has of its session, without a server.

interface Browser extends Setting {
  readonly clock: Clock
  /** One request that carries `cookie`; gives the cookie that the browser has afterwards. */
  visit (cookie: string | undefined, handler: (session: Session, state: SessionState) => unknown): Promise<{ cookie: string | undefined, reply: Reply }>
}

export async function browserOf (options: Partial<SessionOptions> = {}, clock: Clock = new Clock()): Promise<Browser> {
  const setting = await settingOf(options, clock)
  return {
    ...setting,
    clock,
    async visit (cookie, handler) {
      const state = setting.open(cookie)
      state.touch()
      await handler(new Session(state), state)
      const reply = new Reply()
      state.settle(reply)
      return { cookie: reply.cookies.length === 0 ? cookie : reply.cookie, reply }
    }
  }
}

/** What a later request with this cookie sees. */
export async function seen (browser: Browser, cookie: string | undefined): Promise<{ id: string | undefined, userId: string | undefined, data: unknown }> {
  let view: { id: string | undefined, userId: string | undefined, data: unknown } | undefined
  await browser.visit(cookie, (session) => { view = { id: session.id, userId: session.userId, data: Object.fromEntries(session.entries()) } })
  return view!
}
