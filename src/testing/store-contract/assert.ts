import { isAuthError } from '../../errors/auth-error.ts'
import type { AuthErrorCode } from '../../errors/definitions.ts'

/** @throws Error that says what was expected */
export function expectThat(condition: boolean, statement: string): void {
  if (!condition) throw new Error(`The store contract expects that ${statement}.`)
}

/** Compares as JSON does: the order of fields means nothing, nor does a field that is `undefined`. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [canonical(actual), canonical(expected)]
  expectThat(found === wanted, `${what} is ${shortened(wanted)}, and found ${shortened(found)}`)
}

/** Much longer than anything takes that is asked to end at once. */
const longestMs = 1_000

/** Waits for the failure, which has to come soon and to have this code. @returns the error */
export async function expectFailure(work: Promise<unknown>, code: AuthErrorCode): Promise<Error> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<unknown>((resolve) => {
    timer = setTimeout(resolve, longestMs, `none within ${longestMs} ms`)
  })
  const failure = work.then(
    () => 'none',
    (error: unknown) => error,
  )
  const found = await Promise.race([failure, tooLate])
  clearTimeout(timer)
  if (isAuthError(found, code)) return found
  throw new Error(`The store contract expects the failure ${code}, and found ${found}.`)
}

/** Waits until something is so, and not longer than this. */
export async function eventually(
  isSo: () => boolean,
  { withinMs, statement }: { readonly withinMs: number; readonly statement: string },
): Promise<void> {
  const end = Date.now() + withinMs
  while (!isSo() && Date.now() < end) await pause(5)
  expectThat(isSo(), `${statement} within ${withinMs} ms`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_name, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  )
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text
}
