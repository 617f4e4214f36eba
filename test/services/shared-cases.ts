import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import { mac } from '../../lib/mac.ts'
import { KeyRing, generateKey } from '../../lib/keys.ts'
import { RememberTokens } from '../../lib/session/remember-token.ts'
import { newId, recordOf, LONG, HOUR } from '../../lib/session/conformance/fixtures.ts'
import type { SessionStore } from '../../lib/session/store.ts'
import type { Server } from './server.ts'

// What is shown of every store that has a server.

/** A store over a connection of its own. */
export interface Connected {
  readonly store: SessionStore
  close (): Promise<void> | void
}

export type Connect = () => Promise<Connected>

const CALLS = 500

/** 500 logouts are in flight when the server dies. Those that were acknowledged are in force when it is back. */
export async function killedUnderLoad (t: Test, server: Server, connect: Connect): Promise<void> {
  const { store, close } = await connect()
  t.teardown(close)
  const userId = newId()
  const records = Array.from({ length: CALLS }, () => recordOf(userId))
  for (const record of records.slice(0, 20)) await store.admit(record)
  await store.revokeUser('everywhere', { at: 5, until: Date.now() + HOUR })
  const series = newId()
  await store.remember.create({ series, userId, label: '' }, LONG)
  for (const generation of [0, 1]) await store.remember.rotate(series, generation, LONG)

  const acknowledged: string[] = []
  const refused: string[] = []
  const killed = new Promise<void>((resolve, reject) => {
    // Each of them signs out one after the other, until there is nobody to answer.
    Promise.all(records.map(async (first) => {
      for (let { sid } = first; ; sid = newId()) {
        try {
          await store.revoke(sid, first.expiresAt)
        } catch {
          return refused.push(sid)
        }
        if (acknowledged.push(sid) === CALLS) server.kill().then(resolve, reject)
      }
    })).catch(reject)
  })
  await killed
  for (const end = Date.now() + 10_000; refused.length < CALLS && Date.now() < end;) await wait(10)
  t.equal(refused.length, CALLS, 'what was not answered was rejected, and nothing hangs')
  await t.rejects(store.isRevoked({ sid: newId(), issuedAt: 1 }), 'while it is down a call is rejected')

  await server.start()
  const after = await connect()
  t.teardown(after.close)
  const answers = await Promise.all(acknowledged.map((sid) => after.store.isRevoked({ sid, issuedAt: 1 })))
  t.ok(answers.every(Boolean), 'every logout that was acknowledged is in force')
  t.equal(await after.store.isRevoked({ sid: newId(), userId: 'everywhere', issuedAt: 5 }), true)
  t.same(await after.store.remember.rotate(series, 2, LONG), { kind: 'ok', userId, label: '', generation: 3, isRollback: false })
  await untilConnected(() => store.revoke(refused[0]!, Date.now() + HOUR))
  t.equal(await after.store.isRevoked({ sid: refused[0]!, issuedAt: 1 }), true, 'the first store is connected again by itself')
}

/** A call that is repeated until the client has connected again. */
async function untilConnected (call: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 10_000; ;) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > end) throw error
      await wait(50)
    }
  }
}

/** A server that hangs: calls wait, which the plugin puts a limit to, and come to their end when it goes on. */
export async function suspended (t: Test, server: Server, connect: Connect): Promise<void> {
  const { store, close } = await connect()
  t.teardown(close)
  const records = Array.from({ length: 50 }, () => recordOf(newId()))
  await store.list('nobody')
  server.suspend()
  let settled = 0
  const calls = records.map(({ sid, expiresAt }) => store.revoke(sid, expiresAt).finally(() => { settled++ }))
  await wait(300)
  t.equal(settled, 0, 'nothing answers')
  server.resume()
  const results = await Promise.allSettled(calls)
  t.same(new Set(results.map(({ status }) => status)), new Set(['fulfilled']))
  const denied = await Promise.all(records.map(({ sid }) => store.isRevoked({ sid, issuedAt: 1 })))
  t.ok(denied.every(Boolean), 'and what was asked for has been done')
}

/** Two processes of an application. */
export async function seenByOthers (t: Test, connects: readonly Connect[]): Promise<void> {
  const [one, other] = await Promise.all(connects.map((connect) => connect())) as [Connected, Connected]
  t.teardown(one.close)
  t.teardown(other.close)
  const userId = newId()
  const record = recordOf(userId)
  await one.store.admit(record)
  t.same(await other.store.list(userId), [record])
  await other.store.revoke(record.sid, record.expiresAt)
  t.equal(await one.store.isRevoked({ sid: record.sid, userId, issuedAt: record.createdAt }), true)
  const series = newId()
  await one.store.remember.create({ series, userId, label: '' }, LONG)
  const answers = await Promise.all([one, other, one, other].map(({ store }) => store.remember.rotate(series, 0, LONG)))
  t.same(answers, answers.map(() => ({ kind: 'ok', userId, label: '', generation: 1, isRollback: false })))
  await other.store.remember.revokeUser(userId)
  t.same(await one.store.remember.list(userId), [])
}

/** Whoever reads everything that the store holds can make no cookie of it. `dump` gives all of it as text. */
export async function dumped (t: Test, connect: Connect, dump: () => Promise<string>): Promise<void> {
  const { store, close } = await connect()
  t.teardown(close)
  const masterKey = generateKey()
  const ring = new KeyRing([masterKey], 'keys', 'BULWARK_ERR_SESSION_STORE_INVALID')
  const [key] = ring.derive('remember')
  const tokens = new RememberTokens([key!])
  const userId = newId()
  const [live, ended] = [newId(), newId()]
  const cookies: string[] = []
  for (const series of [live, ended]) {
    await store.remember.create({ series, userId, label: 'Firefox' }, LONG)
    cookies.push(tokens.format({ series, generation: 0 }))
    for (let generation = 0; generation < 3; generation++) {
      await store.remember.rotate(series, generation, LONG)
      cookies.push(tokens.format({ series, generation: generation + 1 }))
    }
    const record = recordOf(userId, { series })
    await store.admit(record)
    await store.replace(record.sid, { ...record, sid: newId() })
  }
  await store.remember.rotate(ended, 0, LONG)
  await store.revokeUser(userId, { at: Date.now() + 1, until: Date.now() + HOUR, except: newId() })

  const text = await dump()
  t.ok([userId, live, ended].every((id) => text.includes(id)), 'the dump holds what was stored')
  for (const cookie of cookies) t.notOk(text.includes(cookie.split('.').at(-1)!), 'no MAC of a cookie')
  for (const secret of [masterKey, key!.toString('hex'), key!.toString('base64url')]) t.notOk(text.includes(secret), 'no key')

  // The best that can be made of it: the live series with the generation that it is at, under every key that the reader may have.
  const open = (made: string): unknown => tokens.open(made)
  const foreign = [Buffer.alloc(32), Buffer.from(live.padEnd(32)), ring.derive('session')[0]!, ring.derive('csrf')[0]!]
  for (const wrong of foreign) t.equal(open(new RememberTokens([wrong]).format({ series: live, generation: 3 })), undefined)
  const [version, kid, , , signature] = cookies[3]!.split('.') as [string, string, string, string, string]
  t.equal(open([version, kid, live, 4, signature].join('.')), undefined, 'a MAC is that of one generation')
  t.equal(open([version, kid, ended, 3, signature].join('.')), undefined, 'and of one series')
  t.equal(open([version, kid, live, 3, mac(key!, [live, '3']).toString('base64url')].join('.')), undefined)
  t.same(open(cookies[3]!), { series: live, generation: 3 }, 'the real one is good')
}
