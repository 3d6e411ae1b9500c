import type { BrowserWorld } from '../world.ts'

/** Longer than a write takes to show itself in every tab. */
const lifeMs = 2_000
const pollMs = 5

/** Tells tabs that share a storage in which order it was written to. */
export interface Marks {
  /** Under the write lock: says that what had the state `from` has `to` now. */
  changed(name: string, change: { readonly from: string; readonly to: string }): Promise<void>
  /** The latest state, where this tab sees an older one still. @param seen as this tab sees it now */
  latest(name: string, seen: string): Promise<string>
  /** Waits until this tab sees the latest. @param state as this tab sees it now */
  caughtUp(name: string, state: () => string): Promise<void>
}

/**
 * Every process has a copy of `localStorage`: a lock may come from one tab to the next before what was
 * written under it (seen in Firefox). The order of Web Locks can be relied on, so each write leaves one
 * behind for a while, whose name says what has become of what. Who sees a state that was left waits.
 */
export function marksOf({ navigator }: BrowserWorld, place: string): Marks | undefined {
  return navigator?.locks && marksIn(navigator.locks, place)
}

function marksIn(locks: LockManager, place: string): Marks {
  const prefixOf = (name: string) => `${place}:changed:${name}:`

  async function marksFor(name: string) {
    const prefix = prefixOf(name)
    const { held = [] } = await locks.query()
    return held
      .flatMap((mark) => (mark.name?.startsWith(prefix) ? [mark.name.slice(prefix.length)] : []))
      .map((text) => text.split(':'))
      .map(([number, from, to]) => ({ number: Number(number), from, to }))
      .sort((one, other) => other.number - one.number)
  }

  return {
    async changed(name, { from, to }) {
      const [latest] = await marksFor(name)
      const mark = `${prefixOf(name)}${(latest?.number ?? 0) + 1}:${from}:${to}`
      await new Promise<void>((resolve, reject) => {
        locks
          .request(mark, async () => {
            resolve()
            await pause(lifeMs)
          })
          .catch(reject)
      })
    },

    latest: async (name, seen) => latestOf(await marksFor(name), seen),

    async caughtUp(name, state) {
      for (;;) {
        const marks = await marksFor(name)
        const seen = state()
        if (latestOf(marks, seen) === seen) return
        await pause(pollMs)
      }
    },
  }
}

interface Mark {
  readonly from: string | undefined
  readonly to: string | undefined
}

/** What was written by somebody who leaves no marks is not an older state. */
function latestOf(marks: readonly Mark[], seen: string): string {
  const isLeft = marks.some(({ from }) => from === seen)
  return (isLeft ? marks[0]?.to : undefined) ?? seen
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
