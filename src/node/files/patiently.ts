import { codeOf } from './system-error.ts'

/** On Windows a file that a virus scanner or an indexer has open cannot be replaced for a moment. */
const passing = new Set(['EPERM', 'EBUSY', 'EACCES'])
const attempts = 8

/** Tries again while somebody else has the file open; gives up after some 1.3 seconds. */
export async function patiently<T>(
  work: () => Promise<T>,
  wait: (ms: number) => Promise<void>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !passing.has(codeOf(error) ?? '')) throw error
      await wait(2 ** attempt * 5)
    }
  }
}

export function waitFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
