import { settle } from './async.ts'

/** What nobody catches while `work` goes on: the mistakes of listeners, which the platform is to report. */
export async function uncaughtDuring(work: () => Promise<void>): Promise<readonly unknown[]> {
  const uncaught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  const note = (error: unknown) => void uncaught.push(error)
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', note)
  try {
    await work()
    await settle()
  } finally {
    process.off('uncaughtException', note)
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  return uncaught
}
