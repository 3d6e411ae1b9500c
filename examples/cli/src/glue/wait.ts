import { interruption } from './interruption.js'

/** Shows on a terminal that something is going on; elsewhere nothing. */
export async function waitFor<T>(text: string, work: PromiseLike<T>): Promise<T> {
  if (!process.stderr.isTTY) return work
  const { default: yoctoSpinner } = await import('yocto-spinner')
  // Ctrl-C is dealt with once, for all.
  const spinner = yoctoSpinner({ text, handleSignals: false })
  const stop = () => void spinner.stop()
  interruption.signal.addEventListener('abort', stop, { once: true })
  if (!interruption.signal.aborted) spinner.start()
  try {
    return await work
  } finally {
    stop()
    interruption.signal.removeEventListener('abort', stop)
  }
}
