import { raceSignal } from './abort.ts'

/**
 * Waits, and keeps the process alive meanwhile: somebody is being waited for.
 * @throws AuthError `aborted`
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await raceSignal(passed, signal)
  } finally {
    clearTimeout(timer)
  }
}
