import { constants } from 'node:os'
import { note } from './output.js'

const patienceMs = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ctrl-C and its kin, as an AbortSignal: what is under way gives up in order, which releases ports and
 * the terminal and leaves no file half written. The second Ctrl-C does not wait.
 */
export const interruption = start()

function start() {
  const controller = new AbortController()
  let exitCode: number | undefined
  for (const name of signals) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode)
      exitCode = 128 + constants.signals[name]
      controller.abort()
      setTimeout(() => note('Stopping. Ctrl-C once more does not wait.'), patienceMs).unref()
    })
  }

  return {
    signal: controller.signal,

    /** What to end with, once it has happened. */
    get exitCode() {
      return exitCode
    },

    /** As a prompt does that reads Ctrl-C itself. */
    interrupt() {
      process.emit('SIGINT')
    },
  }
}
