import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { unref } from '../../async/abort.ts'
import { fieldsOf } from '../../json/fields.ts'
import type { KeychainBackend, KeychainCall } from './backend.ts'
import { helperEnv } from './helper-env.ts'
import { helperScript } from './helper-script.ts'

/** Without a call for this long the helper ends: it would cost a program that stays up some 40 MB. */
const idleMs = 10_000

export interface HelperOptions {
  /** Where `@napi-rs/keyring` is. */
  readonly library: string
  readonly service: string
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * The keychain through a process of its own, because a call to it cannot be ended: it blocks the event
 * loop while it connects, then a thread of the few that files need as well, and the end of the process
 * waits for that thread, even `process.exit()`. A process can be killed.
 *
 * Secrets go through its channel and are in no argument or variable.
 */
export class HelperProcess implements KeychainBackend {
  readonly #options: HelperOptions
  readonly #pending = new Map<number, Pending>()
  #child: ChildProcess | undefined
  #ready: { readonly promise: Promise<void>; readonly pending: Pending } | undefined
  #calls = 0
  #idle: ReturnType<typeof setTimeout> | undefined

  constructor(options: HelperOptions) {
    this.#options = options
  }

  async ready(): Promise<void> {
    if (this.#child === undefined) this.#start()
    await this.#ready?.promise
  }

  async get(account: string): Promise<string | undefined> {
    const value = await this.#send({ method: 'get', account })
    return typeof value === 'string' ? value : undefined
  }

  async set(account: string, text: string): Promise<void> {
    await this.#send({ method: 'set', account, text })
  }

  async delete(account: string): Promise<void> {
    await this.#send({ method: 'delete', account })
  }

  async list(): Promise<readonly string[]> {
    const names = await this.#send({ method: 'list' })
    return Array.isArray(names) ? names.map(String) : []
  }

  abandon(): void {
    const child = this.#child
    this.#forget(child, new Error('It was given up.'))
    child?.kill('SIGKILL')
  }

  #send(call: KeychainCall): Promise<unknown> {
    clearTimeout(this.#idle)
    const child = this.#child ?? this.#start()
    this.#calls += 1
    const id = this.#calls
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      child.send({ id, call }, (error) => {
        if (error !== null) this.#forget(child, error)
      })
    })
  }

  #start(): ChildProcess {
    const { library, service } = this.#options
    const child = spawn(process.execPath, ['--expose-gc', '-e', helperScript, library, service], {
      env: helperEnv(process.env),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      windowsHide: true,
    })
    this.#child = child
    this.#ready = pendingPromise()
    child.on('message', (message) => this.#settle(message))
    child.on('error', (error) => this.#forget(child, error))
    child.once('exit', () => this.#forget(child, new Error('The helper has ended.')))
    // Who waits for an answer waits with a time limit, and that keeps the process alive.
    child.unref()
    child.channel?.unref()
    return child
  }

  #settle(message: unknown): void {
    const { id, value, failure, ready } = fieldsOf(message)
    if (ready === true) {
      this.#ready?.pending.resolve(undefined)
      return
    }
    const pending = this.#pending.get(Number(id))
    this.#pending.delete(Number(id))
    if (typeof failure === 'string') pending?.reject(new Error(failure))
    else pending?.resolve(value)
    if (this.#pending.size > 0) return
    this.#idle = setTimeout(() => this.abandon(), idleMs)
    unref(this.#idle)
  }

  #forget(child: ChildProcess | undefined, error: Error): void {
    if (child !== this.#child) return
    this.#child = undefined
    this.#ready?.pending.reject(error)
    clearTimeout(this.#idle)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

function pendingPromise() {
  let pending: Pending = { resolve: () => {}, reject: () => {} }
  const promise = new Promise<void>((resolve, reject) => {
    pending = { resolve: () => resolve(), reject }
  })
  // Nobody may be waiting for it any more.
  promise.catch(() => {})
  return { promise, pending }
}
