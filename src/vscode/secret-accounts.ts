import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { StoredAccount } from '../store/account.ts'
import type { CommitResult, StoredEntry } from '../store/store.ts'
import type { Persistence } from './persistence.ts'
import { readRecord, type SecretRecord, writeRecord } from './secret-record.ts'
import type { Secrets } from './secrets.ts'
import type { Windows } from './windows.ts'

/** A change is a matter of milliseconds, unless the editor asks a person about the keyring. */
const longestWaitMs = 9_000
/** The editor tells a window after a tenth of a second what another one has stored. */
const longestDelayMs = 3_000
const lookAgainMs = 25
/** After which no window has a copy any more of what was destroyed, as a rule. */
const settlingMs = 500

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export interface SecretAccountsOptions {
  readonly secrets: Secrets
  readonly persistence: Persistence
  readonly windows: Windows
}

/** Accounts by the name of their secret, changed by one window at a time. */
export class SecretAccounts {
  readonly #options: SecretAccountsOptions
  /** What was waited for in vain, and what was found instead: nobody waits for the same again. */
  readonly #missed = new Map<string, string>()

  constructor(options: SecretAccountsOptions) {
    this.#options = options
  }

  async read(name: string): Promise<StoredEntry | undefined> {
    const text = await this.#latestText(name)
    if (text === undefined) return undefined
    const record = readRecord(text)
    return record === undefined
      ? this.#alone(name, async () => (await this.#soundRecord(name))?.entry)
      : record.entry
  }

  commit(
    name: string,
    {
      expected,
      value,
    }: { readonly expected: string | undefined; readonly value: StoredAccount | undefined },
  ): Promise<CommitResult> {
    return this.#alone(name, async (requireHeld) => {
      const before = await this.#soundRecord(name)
      if (before?.entry.revision !== expected) return { ok: false, current: before?.entry }
      const revision = crypto.randomUUID()
      const text = value && writeRecord(before, { account: value, revision })
      await requireHeld()
      await this.#write(name, { text, revision, before: before?.entry.revision })
      // A window that has the secrets, and not the lock, may have written meanwhile.
      const written = await this.#options.secrets.read(name)
      if (written === text) return { ok: true, revision }
      return { ok: false, current: written === undefined ? undefined : readRecord(written)?.entry }
    })
  }

  /** Each change is told, and a change that was told already is not told again. */
  watch(name: string, listener: () => void): () => void {
    let stopped = false
    // What was there before is no news, although this window may hear of it only now.
    let seen = this.#revisionIn(this.#latestText(name))
    const stop = this.#options.secrets.onChange(name, () => {
      // One after the other: events come late, and may come close together.
      seen = seen.then(async (before) => {
        const revision = await this.#revisionIn(this.#options.secrets.read(name))
        if (revision === undefined || revision === before) return before
        if (!stopped) listener()
        return revision
      })
    })
    return () => {
      stopped = true
      stop()
    }
  }

  destroy(name: string): Promise<void> {
    return this.#alone(name, async () => {
      const { secrets, persistence, windows } = this.#options
      await windows.announce(name, '')
      await secrets.write(name, undefined)
      await secrets.write(damagedOf(name), undefined)
      if ((await windows.latest(name)) !== undefined) await pause(settlingMs)
      await windows.forget(name)
      persistence.wrote(name, false)
    })
  }

  /** Announced first: who comes next waits for what is announced, and in vain rather than not at all. */
  async #write(
    name: string,
    change: {
      readonly text: string | undefined
      readonly revision: string
      readonly before: string | undefined
    },
  ): Promise<void> {
    const { secrets, persistence, windows } = this.#options
    const { text, revision, before = '' } = change
    await windows.announce(name, text === undefined ? '' : revision)
    try {
      await secrets.write(name, text)
    } catch (error) {
      await windows.announce(name, before)
      throw error
    }
    persistence.wrote(name, text !== undefined)
  }

  /**
   * The secret, once this window knows it. Each window of VS Code has a copy of all secrets, which hears of
   * changes in another window a tenth of a second later: with the lock alone, one would read what the
   * other has just replaced, and write over it. What never arrives was lost with the window that wrote it,
   * and is waited for once.
   */
  async #latestText(name: string): Promise<string | undefined> {
    const { secrets, persistence, windows } = this.#options
    const end = performance.now() + longestDelayMs
    for (;;) {
      const text = await secrets.read(name)
      const latest = await windows.latest(name)
      const record = text === undefined ? undefined : readRecord(text)
      const isDamaged = text !== undefined && record === undefined
      const revision = text === undefined ? '' : record?.entry.revision
      const isLatest = latest === undefined || latest === revision
      // What another window has set aside is damaged only in this one's copy.
      const isNews = isDamaged && latest !== ''
      const missed = `${latest} ${revision ?? ''}`
      const isLate = performance.now() > end
      if (isLate) this.#missed.set(name, missed)
      if (isNews || isLatest || isLate || this.#missed.get(name) === missed) {
        persistence.found(name, text !== undefined)
        return text
      }
      await pause(lookAgainMs)
    }
  }

  /** What a reader finds, as a revision; empty when there is nothing, `undefined` when it cannot be told. */
  async #revisionIn(reading: Promise<string | undefined>): Promise<string | undefined> {
    try {
      const text = await reading
      return text === undefined ? '' : readRecord(text)?.entry.revision
    } catch {
      return undefined
    }
  }

  /** @throws AuthError `store_corrupt`, once: what is damaged is set aside */
  async #soundRecord(name: string): Promise<SecretRecord | undefined> {
    const text = await this.#latestText(name)
    if (text === undefined) return undefined
    const record = readRecord(text)
    if (record !== undefined) return record
    const { secrets, windows } = this.#options
    await secrets.write(damagedOf(name), text)
    await windows.announce(name, '')
    await secrets.write(name, undefined)
    throw new AuthError(
      'store_corrupt',
      'The account in the secret storage cannot be understood.',
      {
        hint: 'It was set aside as another secret of this extension; sign in again.',
      },
    )
  }

  /**
   * Runs `work` while no other window does. Whoever asked waits only so long; the lock is kept until the
   * editor has answered, because what it was told to write it may write late.
   */
  async #alone<T>(
    name: string,
    work: (requireHeld: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const { lock } = this.#options.windows
    const limits = { timeoutMs: longestWaitMs }
    const deadline = startDeadline(longestWaitMs)
    try {
      const working = lock.withLock(`${name}#write`, limits, (lease) =>
        work(async () => {
          if (!(await lease.isHeld())) throw stoodStill()
        }),
      )
      return await raceSignal(working, deadline.signal)
    } catch (error) {
      if (!isAuthError(error, 'lock_timeout') && !deadline.timedOut()) throw error
      throw new AuthError('store_unavailable', 'The secret storage of the editor is busy.', {
        cause: error,
        hint: 'Answer what the editor or the system asks about its keyring; nothing was lost.',
      })
    } finally {
      deadline.dispose()
    }
  }
}

function stoodStill(): AuthError {
  return new AuthError(
    'store_unavailable',
    'This window stood still while it was writing, and others may have written since.',
  )
}

function damagedOf(name: string): string {
  return `${name}#damaged`
}
