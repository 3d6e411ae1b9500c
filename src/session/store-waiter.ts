import { unref } from '../async/abort.ts'
import type { Account } from './account.ts'

/** Looks into the store from time to time, for as long as we wait for somebody else's lock. */
export interface StoreWaiter {
  /** Fires when what we wait for is in the store. */
  readonly done: AbortSignal
  readonly stop: () => void
}

/** Most waits for the lock are shorter than this, and then the store is not read at all. */
const pollMs = 200

export function waitForStore({
  read,
  isDone,
}: {
  readonly read: () => Promise<Account>
  readonly isDone: (account: Account) => boolean
}): StoreWaiter {
  const controller = new AbortController()
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const schedule = () => {
    if (stopped) return
    timer = setTimeout(look, pollMs)
    unref(timer)
  }
  const look = async () => {
    try {
      if (isDone(await read()) && !stopped) controller.abort()
    } catch {
      // Who gets the lock will meet the same failure, and report it.
    }
    schedule()
  }
  schedule()

  return {
    done: controller.signal,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
