import { interruption } from './interruption.js'

let stop = () => {}

/** Shows on a terminal that something is going on; elsewhere nothing. */
export async function waitFor<T>(text: string, work: PromiseLike<T>): Promise<T> {
  if (!process.stderr.isTTY) return work
  const done = Promise.resolve(work)
  // It may fail before the spinner is there: a failure that nobody listens to ends the process.
  done.catch(() => {})
  const { default: yoctoSpinner } = await import('yocto-spinner')
  // Ctrl-C is dealt with once, for all.
  const spinner = yoctoSpinner({ text, handleSignals: false })
  stop = () => void spinner.stop()
  interruption.signal.addEventListener('abort', stop, { once: true })
  if (!interruption.signal.aborted) spinner.start()
  try {
    return await done
  } finally {
    stop()
    interruption.signal.removeEventListener('abort', stop)
  }
}

/** Something is printed before the end. */
export function stopWaiting(): void {
  stop()
}
