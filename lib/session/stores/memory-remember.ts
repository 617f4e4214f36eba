import { FIRST_GENERATION } from '../remember-token.ts'
import type { RememberRecord, RememberStore, Rotation } from '../store.ts'
import { UNKNOWN_SERIES_MS } from '../unknown-series.ts'
import type { Denials } from './denials.ts'
import { UserIndex } from './user-index.ts'
import { wholeNumber } from './whole-number.ts'

/** A remembered device, when it was rotated, and until when sessions that were made from it may live. */
interface Device extends RememberRecord {
  readonly rotatedAt: number
  readonly keptUntil: number
}

/** The remembered devices of a `memoryStore`. */
export class MemoryRemember implements RememberStore {
  readonly #devices: UserIndex<Device>
  readonly #denials: Denials
  readonly #now: () => number

  constructor (limit: number, denials: Denials, now: () => number) {
    this.#devices = new UserIndex(limit)
    this.#denials = denials
    this.#now = now
  }

  async create ({ series, userId, label }: Parameters<RememberStore['create']>[0], { idleMs, maxAgeMs }: Parameters<RememberStore['create']>[1]): Promise<void> {
    for (const time of [idleMs, maxAgeMs]) wholeNumber(time)
    const now = this.#now()
    if (this.#devices.get(series) !== undefined || this.#denials.isSeriesDenied(series, now)) return
    const expiresAt = now + maxAgeMs
    this.#devices.set(series, {
      series,
      userId,
      label,
      generation: FIRST_GENERATION,
      createdAt: now,
      lastUsedAt: now,
      idleUntil: Math.min(expiresAt, now + idleMs),
      expiresAt,
      rotatedAt: now,
      keptUntil: expiresAt
    })
  }

  async rotate (series: string, generation: number, { graceMs, idleMs }: Parameters<RememberStore['rotate']>[2]): Promise<Rotation> {
    for (const number of [generation, graceMs, idleMs]) wholeNumber(number)
    const now = this.#now()
    const device = this.#devices.get(series)
    if (device === undefined || hasEnded(device, now)) return { kind: 'none' }
    const { userId, label } = device
    const gap = device.generation - generation
    if (gap <= 0) {
      const idleUntil = Math.min(device.expiresAt, now + idleMs)
      this.#devices.set(series, { ...device, generation: generation + 1, lastUsedAt: now, rotatedAt: now, idleUntil })
      return { kind: 'ok', userId, label, generation: generation + 1, isRollback: gap < 0 }
    }
    if (gap === 1 && now - device.rotatedAt <= graceMs) return { kind: 'ok', userId, label, generation: device.generation, isRollback: false }
    this.#end(device, now)
    return { kind: 'replay', userId, gap }
  }

  async revoke (series: string): Promise<void> {
    const now = this.#now()
    const device = this.#devices.get(series)
    // What would be forgotten at the next sweep is as unknown as what has been.
    if (device !== undefined && device.keptUntil > now) this.#end(device, now)
    else if (!this.#denials.isSeriesDenied(series, now)) this.#denials.denySeries(series, now + UNKNOWN_SERIES_MS, now)
  }

  async revokeUser (userId: string, except?: string): Promise<number> {
    const now = this.#now()
    const others = this.#devices.of(userId).map(([, device]) => device).filter(({ series }) => series !== except)
    for (const device of others) this.#end(device, now)
    // Those that had ended are kept as long as sessions made from them may live.
    return others.filter((device) => !hasEnded(device, now)).length
  }

  async list (userId: string): Promise<RememberRecord[]> {
    const now = this.#now()
    return this.#devices.of(userId).map(([, device]) => device)
      .filter((device) => !hasEnded(device, now))
      .sort((a, b) => b.lastUsedAt - a.lastUsedAt)
      .map(({ rotatedAt, keptUntil, ...record }) => record)
  }

  /** A session made from a series lives until `until`: as long must be known whether the series is denied. */
  keepUntil (series: string, until: number, now: number): void {
    const device = this.#devices.get(series)
    if (device !== undefined) this.#devices.set(series, { ...device, keptUntil: Math.max(device.keptUntil, until) })
    else if (this.#denials.isSeriesDenied(series, now)) this.#denials.denySeries(series, until, now)
  }

  sweep (now: number): void {
    this.#devices.sweep((device) => device.keptUntil <= now)
  }

  #end (device: Device, now: number): void {
    this.#devices.delete(device.series)
    this.#denials.denySeries(device.series, device.keptUntil, now)
  }
}

function hasEnded ({ idleUntil, expiresAt }: Device, now: number): boolean {
  return now >= idleUntil || now >= expiresAt
}
