import { createHash, createHmac } from 'node:crypto'
import { randomFrom } from '../support/random.ts'
import type { Schedule } from './schedule.ts'

/**
 * Takes away what would make a run depend on the machine: the timers, the clock that they go by,
 * `Math.random`, and the thread pool behind `crypto.subtle`. What is left is microtasks, which run in a fixed order.
 *
 * @returns how to give it back
 */
export function makeDeterministic(schedule: Schedule, seed: number): () => void {
  const undo = [
    replace(globalThis, 'setTimeout', (callback: () => void, ms = 0) =>
      schedule.startTimer(ms, callback),
    ),
    replace(globalThis, 'clearTimeout', (timer: unknown) => schedule.stopTimer(timer)),
    replace(performance, 'now', () => schedule.now),
    replace(Math, 'random', randomFrom(seed)),
    replace(crypto.subtle, 'digest', async (_algorithm: unknown, data: Uint8Array) =>
      bytesOf(createHash('sha256').update(data)),
    ),
    replace(crypto.subtle, 'importKey', async (_format: unknown, secret: Uint8Array) => secret),
    replace(
      crypto.subtle,
      'sign',
      async (_algorithm: unknown, secret: Uint8Array, data: Uint8Array) =>
        bytesOf(createHmac('sha256', secret).update(data)),
    ),
  ]
  return () => {
    for (const one of undo) one()
  }
}

function bytesOf(hash: { digest(): Uint8Array }): ArrayBuffer {
  return Uint8Array.from(hash.digest()).buffer
}

function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  Object.defineProperty(owner, name, { value, configurable: true, writable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, before)
  }
}
