import { constants } from 'node:os'
import { note } from './output.js'

const patienceMs = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ctrl-C and its kin, as an AbortSignal: what is under way gives up in order, which releases ports and
 * the terminal and leaves no file half written. The second Ctrl-C does not wait.
 */
export const interruption = start()

/** What a person is told who presses Ctrl-C meanwhile, and who presses it again. */
interface Unfinished {
  readonly wait: string
  readonly lost: string
}

function start() {
  const controller = new AbortController()
  let exitCode: number | undefined
  let unfinished: Unfinished | undefined
  for (const name of signals) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (unfinished !== undefined) note(unfinished.lost)
        process.exit(exitCode)
      }
      exitCode = 128 + constants.signals[name]
      controller.abort()
      const say = () => note(`${unfinished?.wait ?? 'Stopping.'} Ctrl-C once more does not wait.`)
      if (unfinished !== undefined) say()
      else setTimeout(say, patienceMs).unref()
    })
  }

  return {
    signal: controller.signal,

    /** What to end with, once it has happened. */
    get exitCode() {
      return exitCode
    },

    /** Does what must not be left half done: Ctrl-C waits for its end, and says so. */
    async finish<T>(which: Unfinished, work: () => Promise<T>): Promise<T> {
      controller.signal.throwIfAborted()
      unfinished = which
      try {
        return await work()
      } finally {
        unfinished = undefined
      }
    },

    /** As a prompt does that reads Ctrl-C itself. */
    interrupt() {
      process.emit('SIGINT')
    },
  }
}
