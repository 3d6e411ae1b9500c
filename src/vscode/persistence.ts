import type { StoreDescription } from '../store/store.ts'
import type { ExtensionContext, HostEnvironment } from './host.ts'

/** Editors in a page that are known to keep secrets over a reload. */
const keepingHosts = new Set(['desktop', 'codespaces', 'github.dev', 'vscode.dev'])

const notes = {
  desktop:
    'Where the system has no keyring, the editor keeps secrets in memory until it is closed.',
  kept: 'The editor keeps the secrets in this browser, and encrypted only where its server has a key for it.',
  unknown:
    'Whether secrets outlive a reload is decided by who hosts this editor; many forget them.',
  forgotten:
    'This editor has forgotten what was stored when it was started last: it has no keyring.',
  remote:
    'Windows that work on other machines share the secrets, but not the lock; a change of theirs is noticed.',
}

/** What is known of how long secrets last here. */
export interface Persistence {
  /** Tells what was found at the first look at a secret. */
  found(key: string, isThere: boolean): void
  /** Tells that a secret was written, or removed on purpose. */
  wrote(key: string, isThere: boolean): void
  describe(): Pick<StoreDescription, 'persistent' | 'encrypted' | 'shared' | 'note'>
}

/**
 * VS Code does not say whether it keeps secrets: without a keyring, or on a server without a key for it, each
 * window holds its own in memory. So it is found out: the editor's other memory, which holds no secrets, is told that
 * there is one and in which run of the editor it was written; when that memory has lasted and the secret
 * has not, this is a host that forgets.
 */
export function persistenceOf(
  { globalState }: Pick<ExtensionContext, 'globalState'>,
  env: HostEnvironment | undefined,
): Persistence {
  const looked = new Set<string>()
  let evidence: 'none' | 'kept' | 'forgotten' = 'none'
  const run = env?.sessionId

  return {
    found(key, isThere) {
      // Later on it may have been removed by another window.
      if (looked.has(key)) return
      looked.add(key)
      const writtenIn = globalState.get(markOf(key))
      const wasThere = typeof writtenIn === 'string' && run !== undefined && writtenIn !== run
      if (wasThere) evidence = isThere ? 'kept' : 'forgotten'
    },

    wrote(key, isThere) {
      looked.add(key)
      if (run === undefined) return
      const mark = isThere ? run : undefined
      if (globalState.get(markOf(key)) === mark) return
      // Only a mark: a secret that was written is written without it.
      globalState.update(markOf(key), mark).then(
        () => {},
        () => {},
      )
    },

    describe() {
      const isDesktop = env === undefined || env.appHost === 'desktop'
      const isKept = evidence === 'kept' || (evidence === 'none' && keeps(env))
      const note = evidence === 'forgotten' ? notes.forgotten : noteFor(env, isKept)
      const remote = isDesktop && env?.remoteName !== undefined ? ` ${notes.remote}` : ''
      return {
        persistent: isKept,
        encrypted: isDesktop,
        // What is in memory is in that of one window; a page has the windows of its browser only.
        shared: evidence === 'forgotten' ? 'process' : isDesktop ? 'machine' : 'tabs',
        note: `${note}${remote}`,
      }
    },
  }
}

function keeps(env: HostEnvironment | undefined): boolean {
  return env === undefined || keepingHosts.has(env.appHost)
}

function noteFor(env: HostEnvironment | undefined, isKept: boolean): string {
  if (env === undefined || env.appHost === 'desktop') return notes.desktop
  return isKept ? notes.kept : notes.unknown
}

function markOf(key: string): string {
  return `lanonasis.writtenIn:${key}`
}
