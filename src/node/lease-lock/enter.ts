import { type Deadline, throwIfAborted } from '../../async/abort.ts'
import { isAuthError } from '../../errors/auth-error.ts'
import { Contender, type ContenderOptions } from './contender.ts'
import { lockError, lockTimeout } from './lock-error.ts'

/**
 * Waits until it holds the lock; what is given back has to `leave` it.
 * @throws AuthError `lock_timeout`, `aborted`, `store_unavailable`; then nothing is left behind
 */
export async function enter(options: ContenderOptions, deadline: Deadline): Promise<Contender> {
  for (;;) {
    const contender = new Contender(options)
    try {
      if (await contender.enter(deadline.signal)) return contender
      throwIfAborted(deadline.signal)
    } catch (error) {
      await contender.leave()
      const tooLate = isAuthError(error, 'aborted') && deadline.timedOut()
      throw tooLate ? lockTimeout() : lockError(error, options.place.directory)
    }
    await contender.leave()
    await options.platform.files.wait(1)
  }
}
