import { newId } from '../../lib/session/conformance/fixtures.ts'
import { RememberTokens } from '../../lib/session/remember-token.ts'
import type { SessionStore } from '../../lib/session/store.ts'

// A browser that is opened again and again with all its tabs, over a network that loses, repeats and delays. Its time is simulated; its requests are
// real calls of a store.

const HOUR = 3_600_000
const GRACE = 30_000

/** What a server answers to a remember-me cookie: a cookie to go on with, or how it refused. */
export type Answer = { readonly cookie: string } | { readonly refused: 'theft' | 'stale' | 'unknown' }

/** A way to remember devices. `now` is the time of the simulation. */
export interface Scheme {
  login (): Promise<string>
  present (cookie: string, now: number): Promise<Answer>
}

/** The scheme of this package over a store. */
export function counterScheme (store: SessionStore): Scheme {
  const tokens = new RememberTokens([Buffer.alloc(32, 7)])
  const issued = new Map<string, number>()
  return {
    async login () {
      const series = newId()
      await store.remember.create({ series, userId: 'owner', label: '' }, { idleMs: HOUR, maxAgeMs: HOUR })
      return tokens.format({ series, generation: 0 })
    },
    async present (cookie, now) {
      const { series, generation } = tokens.open(cookie)!
      // The clock of the store cannot be turned. So each call is told a grace that comes to the same: one that has not ended, or one that has.
      const rotatedAt = issued.get(`${series} ${generation + 1}`) ?? now
      const rotation = await store.remember.rotate(series, generation, { graceMs: now - rotatedAt <= GRACE ? HOUR : -1, idleMs: HOUR })
      if (rotation.kind === 'none') return { refused: 'unknown' }
      if (rotation.kind === 'replay') return { refused: rotation.gap === 1 ? 'stale' : 'theft' }
      const name = `${series} ${rotation.generation}`
      if (!issued.has(name)) issued.set(name, now)
      return { cookie: tokens.format({ series, generation: rotation.generation }) }
    }
  }
}

/** The published scheme of series and token (Jaspan 2006): a token is good once, and another one for a known series is theft. */
export function seriesAndToken (): Scheme {
  const rows = new Map<string, string>()
  return {
    async login () {
      const [series, token] = [newId(), newId()]
      rows.set(series, token)
      return `${series} ${token}`
    },
    async present (cookie) {
      const [series, token] = cookie.split(' ') as [string, string]
      const known = rows.get(series)
      if (known === undefined) return { refused: 'unknown' }
      if (known !== token) {
        rows.delete(series)
        return { refused: 'theft' }
      }
      rows.set(series, newId())
      return { cookie: `${series} ${rows.get(series)!}` }
    }
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Tally {
  wakeUps: number
  requests: number
  repeated: number
  alarms: number
  /** Wake-ups after which somebody who had signed in had to do so again. */
  lostLogins: number
}

/**
 * `count` wake-ups of one browser with 2 to 12 tabs each. One request of ten or its answer is lost and sent again after 2 to 5 seconds; one of
 * twenty takes up to 25 seconds, which is below the grace.
 */
export async function simulate (scheme: Scheme, count: number, seed: number): Promise<Tally> {
  const random = randomNumbers(seed)
  const between = (least: number, most: number): number => least + random() * (most - least)
  const tally: Tally = { wakeUps: 0, requests: 0, repeated: 0, alarms: 0, lostLogins: 0 }
  let cookie = await scheme.login()
  let start = 0
  for (; tally.wakeUps < count; tally.wakeUps++) {
    start += between(1, 100) * HOUR
    let isSignedIn = false
    let isRefused = false
    const events: Array<{ at: number, isArrival: boolean, run: (at: number) => Promise<void> }> = []
    const schedule = (at: number, isArrival: boolean, run: (at: number) => Promise<void>): void => {
      // Requests that arrive within a fiftieth of a second are handled at the same time.
      events.push({ at: isArrival ? Math.ceil(at / 20) * 20 : at, isArrival, run })
    }
    const send = async (at: number): Promise<void> => {
      if (isSignedIn || isRefused) return
      const presented = cookie
      tally.requests++
      const repeat = (after: number): void => {
        tally.repeated++
        schedule(after + between(2000, 5000), false, send)
      }
      const arrival = at + (random() < 0.05 ? between(1000, 25_000) : between(10, 200))
      if (random() < 0.03) return repeat(at)
      const isAnswerLost = random() < 0.07
      const back = between(10, 200)
      schedule(arrival, true, async (arrived) => {
        const answer = await scheme.present(presented, arrived)
        if (isAnswerLost) return repeat(arrived)
        schedule(arrived + back, false, async () => {
          if ('cookie' in answer) {
            cookie = answer.cookie
            isSignedIn = true
          } else {
            if (answer.refused === 'theft') tally.alarms++
            isRefused = true
          }
        })
      })
    }
    const tabs = 2 + Math.floor(random() * 11)
    for (let tab = 0; tab < tabs; tab++) schedule(start + between(0, 400), false, send)
    while (events.length > 0) {
      events.sort((a, b) => a.at - b.at)
      const { at, isArrival } = events[0]!
      const together = isArrival ? events.filter((event) => event.isArrival && event.at === at) : [events[0]!]
      for (const event of together) events.splice(events.indexOf(event), 1)
      await Promise.all(together.map(({ run }) => run(at)))
    }
    if (!isSignedIn || isRefused) {
      tally.lostLogins++
      cookie = await scheme.login()
    }
  }
  return tally
}

/** Who comes when, after a thief has copied the cookie: hours, or seconds where both come within the grace. */
export type Visits = ReadonlyArray<readonly [who: 'owner' | 'thief', hours: number]>

/** How a theft ended: the visit that was refused first, how it was, and how often the thief came in before. */
export async function steal (scheme: Scheme, visits: Visits): Promise<{ visit: number, refused: string, thefts: number } | undefined> {
  const cookie = await scheme.login()
  const jars = { owner: cookie, thief: cookie }
  let thefts = 0
  for (const [visit, [who, hours]] of visits.entries()) {
    const answer = await scheme.present(jars[who], hours * HOUR)
    if ('refused' in answer) return { visit, refused: answer.refused, thefts }
    jars[who] = answer.cookie
    if (who === 'thief') thefts++
  }
  return undefined
}
