import { isAuthError } from '../../errors/auth-error.ts'

/** Does what can wait. @returns whether it was possible */
export async function tryTo(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!isAuthError(error)) throw error
    return false
  }
}
