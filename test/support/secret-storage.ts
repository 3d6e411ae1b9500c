import type {
  ExtensionContext,
  HostEnvironment,
  SecretStorage,
  SecretStorageChange,
} from '../../src/vscode.ts'

/**
 * A model of the secret storage of VS Code, as its sources have it (base/parts/storage, platform/secrets,
 * api/browser/mainThreadSecretState):
 *
 * - Each window has a copy of all secrets. What it stores is in its own copy at once, and is sent to the
 *   others, and to the disk, a while later. They hear of it when it arrives, and not before.
 * - A window's calls are done one after the other. A window is told of its own changes as well.
 * - Without a keyring each window has secrets of its own, which end with it.
 * - In a browser, the secrets are read when the page is loaded, written back whole, and no other page is told.
 */
export interface Editor {
  open(): EditorWindow
  /** Ends the editor: what no window has sent yet is lost. */
  restart(): void
}

/** A window, with the extension in it. */
export interface EditorWindow {
  readonly context: ExtensionContext
  readonly env: HostEnvironment
  /** Ends it at once, as a crash does: what it has not sent is lost. */
  crash(): void
  /** Puts a secret there as somebody else has written it. */
  plant(key: string, value: string): void
  /** All secrets that this window knows. */
  readonly secrets: ReadonlyMap<string, string>
  /** Makes the calls of this window fail, or wait for a person. */
  fault: 'none' | 'fails' | 'hangs'
  /** Makes what is stored from now on wait for a person. @returns how that person answers */
  ask(): () => void
}

export interface EditorOptions {
  readonly kind?: 'keyring' | 'no-keyring' | 'browser'
  /** The folder of the extension; without one it runs in a web worker. */
  readonly folder?: string
  /** How long a window keeps to itself what was stored in it, ms. */
  readonly flushMs?: number
  readonly env?: Partial<HostEnvironment>
}

export function editor({
  kind = 'keyring',
  folder,
  flushMs = 20,
  env: more = {},
}: EditorOptions = {}): Editor {
  const disk = new Map<string, string>()
  const state = new Map<string, unknown>()
  const windows = new Set<Copy>()
  let runs = 1

  class Copy implements EditorWindow {
    readonly secrets = new Map(kind === 'no-keyring' ? [] : disk)
    fault: EditorWindow['fault'] = 'none'
    readonly env: HostEnvironment = {
      appName: 'Model Code',
      appHost: kind === 'browser' ? 'web' : 'desktop',
      remoteName: undefined,
      sessionId: `run ${runs}`,
      ...more,
    }
    readonly #listeners = new Set<(event: SecretStorageChange) => unknown>()
    readonly #pending = new Map<string, string | undefined>()
    #calls: Promise<unknown> = Promise.resolve()
    #answer: Promise<void> = Promise.resolve()
    #isGone = false

    get context(): ExtensionContext {
      const secrets: SecretStorage = {
        get: (key) => this.#inOrder(() => this.secrets.get(key)),
        store: async (key, value) => {
          await this.#answer
          return this.#inOrder(() => this.#set(key, value))
        },
        delete: (key) => this.#inOrder(() => this.#set(key, undefined)),
        onDidChange: (listener) => {
          this.#listeners.add(listener)
          return { dispose: () => this.#listeners.delete(listener) }
        },
      }
      return {
        secrets,
        globalStorageUri:
          folder === undefined
            ? { scheme: 'vscode-userdata', fsPath: '/User/globalStorage/extension' }
            : { scheme: 'file', fsPath: folder },
        globalState: {
          get: (key) => state.get(key),
          update: async (key, value) => void state.set(key, value),
        },
      }
    }

    ask(): () => void {
      let answer = () => {}
      this.#answer = new Promise((resolve) => {
        answer = resolve
      })
      return answer
    }

    crash(): void {
      this.#isGone = true
      windows.delete(this)
    }

    plant(key: string, value: string): void {
      disk.set(key, value)
      for (const window of windows) {
        // After whatever is on its way still.
        window.dropPending(key)
        window.accept(key, value)
      }
    }

    dropPending(key: string): void {
      this.#pending.delete(key)
    }

    /** From another window. */
    accept(key: string, value: string | undefined): void {
      if (this.secrets.get(key) === value || this.#isGone) return
      if (value === undefined) this.secrets.delete(key)
      else this.secrets.set(key, value)
      this.#tell(key)
    }

    /** Between the extension host and its window, and through the keyring. */
    #inOrder<T>(call: () => T): Promise<T> {
      const done = this.#calls.then(async () => {
        await passing(Math.random() * 2)
        if (this.fault === 'hangs') await new Promise(() => {})
        if (this.fault === 'fails') throw new Error('The keyring said no to refresh-secret-of-ada.')
        const result = call()
        await passing(Math.random() * 2)
        return result
      })
      this.#calls = done.catch(() => {})
      return done
    }

    #set(key: string, value: string | undefined): void {
      if (this.secrets.get(key) === value) return
      if (value === undefined) this.secrets.delete(key)
      else this.secrets.set(key, value)
      this.#tell(key)
      if (kind === 'no-keyring') return
      if (kind === 'browser') {
        disk.clear()
        for (const [name, text] of this.secrets) disk.set(name, text)
        return
      }
      if (this.#pending.size === 0) setTimeout(() => this.#flush(), flushMs)
      this.#pending.set(key, value)
    }

    #flush(): void {
      if (this.#isGone) return
      for (const [key, value] of this.#pending) {
        if (value === undefined) disk.delete(key)
        else disk.set(key, value)
        const others = [...windows].filter((window) => window !== this)
        setTimeout(() => {
          for (const window of others) window.accept(key, value)
        }, Math.random() * 5)
      }
      this.#pending.clear()
    }

    #tell(key: string): void {
      setTimeout(() => {
        for (const listener of [...this.#listeners]) if (!this.#isGone) listener({ key })
      }, Math.random() * 5)
    }
  }

  return {
    open() {
      const window = new Copy()
      windows.add(window)
      return window
    },
    restart() {
      for (const window of windows) window.crash()
      runs += 1
    },
  }
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
