import { isAuthError } from '../../errors/auth-error.ts'
import { nameOf, type StoreDescription } from '../../store/store.ts'
import { type Check, failed, failure, ok, type Result, skipped, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'

/** Longer than a renewal holds the lock when all is well, ms. */
const lockTimeoutMs = 5_000

/** The place where credentials are kept: readable, lockable, and of whom. Nothing in it is changed. */
export const storeCheck: Check = {
  id: 'store',
  title: 'The place where credentials are kept',
  async run(context) {
    const read = await readable(context)
    // What is used is known after the first read: of a list it may be another one.
    const description = context.settings.store.describe()
    const [lock, file] = await Promise.all([lockable(context), fileOf(context, description)])
    return [read ?? described(description), ...lock, ...file]
  },
}

async function readable({ account }: CheckContext): Promise<Result | undefined> {
  try {
    await account()
    return undefined
  } catch (error) {
    if (!isAuthError(error) || error.code === 'aborted') throw error
    return failed(error)
  }
}

function described(description: StoreDescription): Result {
  const { kind, location, persistent, encrypted, shared, insteadOf, note } = description
  const place = location === undefined ? kind : `${kind} ${location}`
  const traits = [
    persistent ? 'lasts' : 'forgets when the process ends',
    encrypted ? 'encrypted' : 'not encrypted',
    `shared by: ${shared}`,
  ]
  const what = `Credentials are in the ${place} (${traits.join(', ')}).${note === undefined ? '' : ` ${note}`}`
  if (insteadOf === undefined) return ok(what)
  return warning(what, {
    expected: insteadOf,
    hint: `The ${insteadOf} that was asked for first is not used: make it available, then destroy() and sign in again, or take it off the list.`,
  })
}

/** A lock of a name of its own: nobody's renewal waits for it. */
async function lockable({ settings, signal, within }: CheckContext): Promise<readonly Result[]> {
  const { lock, key } = settings
  const limits = { timeoutMs: lockTimeoutMs, signal }
  try {
    const held = lock.withLock(`${nameOf(key)}#doctor`, limits, (lease) => lease.isHeld())
    if (await within('The lock', held)) return []
    return [
      failure('The lock was taken by somebody else while it was held.', {
        hint: 'Look whether something removes the files of the lock, and at the clock of the file system.',
      }),
    ]
  } catch (error) {
    if (!isAuthError(error) || error.code === 'aborted') throw error
    return [failed(error)]
  }
}

async function fileOf(
  { diagnostics, within }: CheckContext,
  { kind, location }: StoreDescription,
): Promise<readonly Result[]> {
  if (kind !== 'file' || location === undefined || diagnostics.file === undefined) return []
  const facts = await within(location, diagnostics.file(location))
  if (facts === undefined) return [skipped(`${location} is not there yet.`)]
  const { mode, writable } = facts
  const others = mode !== undefined && (mode & 0o077) !== 0
  return [
    ...(writable
      ? []
      : [
          failure(`${location} cannot be replaced.`, {
            hint: 'A renewed session could not be kept, so none is renewed: make the file and its directory writable.',
          }),
        ]),
    ...(others
      ? [
          // ★30
          warning(`${location} has the mode ${octal(mode)}: others on this machine may see it.`, {
            expected: '0600',
            hint: `chmod 600 '${location}' now, or let the next sign-in do it; if others could read it, sign out everywhere and rotate the key.`,
          }),
        ]
      : []),
  ]
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0')
}
