import { join } from 'node:path'
import type { KeychainBackend } from '../../src/node/keychain-store/backend.ts'
import { guardKeychain } from '../../src/node/keychain-store/guarded-keychain.ts'
import { partLengthOn } from '../../src/node/keychain-store/parts.ts'
import { type Vault, vault } from '../../src/node/keychain-store/vault.ts'
import { leaseLock } from '../../src/node/lease-lock/lease-lock.ts'
import { temporaryDirectory } from './directories.ts'

type Method = 'get' | 'set' | 'delete' | 'list'

/** A keychain as `@napi-rs/keyring` shows it: all of its errors have one code, what is missing is no error. */
export class FakeKeychain implements KeychainBackend {
  readonly entries = new Map<string, string>()
  /** What was asked of it, in this order. */
  readonly calls: string[] = []
  state: 'answers' | 'refuses' | 'hangs' = 'answers'
  /** Called before each call is carried out. */
  before: (method: Method, account: string) => Promise<void> | void = () => {}
  abandoned = 0
  readonly #maximalBytes: number
  readonly #landing: (() => void)[] = []

  constructor(maximalBytes = Number.POSITIVE_INFINITY) {
    this.#maximalBytes = maximalBytes
  }

  async ready(): Promise<void> {}

  get(account: string): Promise<string | undefined> {
    return this.#carryOut('get', account, () => this.entries.get(account))
  }

  set(account: string, text: string): Promise<void> {
    return this.#carryOut('set', account, () => {
      if (text.length * 2 > this.#maximalBytes) throw genericFailure('Too long')
      this.entries.set(account, text)
    })
  }

  delete(account: string): Promise<void> {
    return this.#carryOut('delete', account, () => {
      this.entries.delete(account)
    })
  }

  list(): Promise<readonly string[]> {
    return this.#carryOut('list', '', () => [...this.entries.keys()])
  }

  abandon(): void {
    this.abandoned += 1
  }

  /** What hung is carried out now, and answered. */
  wakeUp(): void {
    this.state = 'answers'
    for (const land of this.#landing.splice(0)) land()
  }

  /** The names of what accounts are made of: all but the marker of an index. */
  get values(): readonly string[] {
    return [...this.entries.keys()].filter((account) => !account.startsWith('index.'))
  }

  /** All that lies in it as one text. */
  get content(): string {
    return [...this.entries.values()].join('\n')
  }

  async #carryOut<T>(method: Method, account: string, work: () => T): Promise<T> {
    this.calls.push(`${method} ${account}`)
    await this.before(method, account)
    if (this.state === 'refuses') throw genericFailure('Platform failure: it is locked')
    if (this.state === 'answers') return work()
    return new Promise<T>((resolve, reject) => {
      this.#landing.push(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

function genericFailure(message: string): Error {
  return Object.assign(new Error(message), { code: 'GenericFailure' })
}

/** A home with a fake keychain, and stores on it as several processes have them. */
export async function keychainHome({
  maximalBytes,
  platform = 'linux',
  timeoutMs = 1_000,
}: {
  readonly maximalBytes?: number
  readonly platform?: string
  readonly timeoutMs?: number
} = {}) {
  const directory = await temporaryDirectory()
  const path = join(directory, '.maas.keychain')
  const keychain = new FakeKeychain(maximalBytes)
  const open = (backend: KeychainBackend = keychain, service = 'test'): Vault =>
    vault({
      keychain: guardKeychain({ backend, timeoutMs }),
      service,
      path,
      lock: leaseLock({ path }),
      partLength: partLengthOn(platform),
    })
  return { directory, path, keychain, open, store: open() }
}
