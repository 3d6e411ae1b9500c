import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createContext, Script } from 'node:vm'
import type { AuthenticationProvider } from '../../../src/vscode.ts'
import type { DesktopWindow } from '../../support/vscode-api.ts'
import { copyOf } from '../copies.ts'

/** A bundle of the extension that runs in this process, with a model of the editor. */
export interface Activated {
  run(command: string): Promise<void>
  /** What was written to the output channel. */
  readonly log: string[]
  /** What was said in notifications. */
  readonly said: string[]
  readonly provider: () => AuthenticationProvider | undefined
  /** What a bundle has asked the runtime for. */
  readonly required: ReadonlySet<string>
}

interface ActivateOptions {
  readonly window: DesktopWindow
  /** The user's own settings, and those of the folder that is open. */
  readonly settings?: { readonly user?: object; readonly workspace?: object }
}

/**
 * `desktop` gets what Node.js has, `web` what a web worker has: no `process`, and no module but the editor's.
 */
export async function activate(
  entry: 'desktop' | 'web',
  { window, settings = {} }: ActivateOptions,
): Promise<Activated> {
  const code = await readFile(join(await copyOf('vscode'), `dist/${entry}.js`), 'utf8')
  const commands = new Map<string, () => Promise<void>>()
  const said: string[] = []
  const log: string[] = []
  const required = new Set<string>()
  let provider: AuthenticationProvider | undefined
  const nothing = { dispose() {} }
  const say = async (text: string) => void said.push(text)
  const write = (...texts: string[]) => void log.push(texts.join(' '))
  const vscode = {
    ...window.vscode,
    ProgressLocation: { Notification: 15 },
    StatusBarAlignment: { Right: 2 },
    ThemeColor: class {},
    Disposable: { from: () => nothing },
    EventEmitter: class {
      event = () => nothing
      fire() {}
    },
    Uri: { ...window.vscode.Uri, file: (path: string) => path, joinPath: () => '' },
    window: {
      ...window.vscode.window,
      createOutputChannel: () => ({ ...nothing, info: write, warn: write, error: write }),
      createStatusBarItem: () => ({ ...nothing, show() {} }),
      createQuickPick: () => ({ ...nothing, onDidAccept() {}, show() {} }),
      registerTreeDataProvider: () => nothing,
      showErrorMessage: say,
      showInformationMessage: say,
      withProgress: (_: unknown, work: (...given: unknown[]) => unknown) =>
        work({ report() {} }, { onCancellationRequested() {} }),
    },
    workspace: {
      registerTextDocumentContentProvider: () => nothing,
      getConfiguration: () => ({
        get: (name: string) => Reflect.get({ ...settings.user, ...settings.workspace }, name),
        inspect: (name: string) => ({
          globalValue: Reflect.get(settings.user ?? {}, name),
          workspaceValue: Reflect.get(settings.workspace ?? {}, name),
        }),
      }),
      fs: {
        stat: async () => {
          throw Object.assign(new Error('There is no such file.'), { code: 'FileNotFound' })
        },
      },
    },
    commands: {
      executeCommand: async () => {},
      registerCommand: (name: string, command: () => Promise<void>) => {
        commands.set(name, command)
        return nothing
      },
    },
    authentication: {
      registerAuthenticationProvider: (
        _id: string,
        _label: string,
        one: AuthenticationProvider,
      ) => {
        provider = one
        return nothing
      },
    },
  }
  const nodeRequire = createRequire(import.meta.url)
  const module = { exports: { activate: (_: object) => {} } }
  const require = (name: string) => {
    required.add(name)
    if (name === 'vscode') return vscode
    if (entry === 'desktop') return nodeRequire(name)
    throw new Error(`A web worker has no ${name}.`)
  }
  // Of ours, and not of the realm of the script: what passes between them is known to both.
  const { fetch, URL, URLSearchParams, Headers, Request, Response, AbortController, AbortSignal } =
    globalThis
  const { crypto, performance, TextEncoder, TextDecoder, setTimeout, clearTimeout } = globalThis
  const web = { fetch, URL, URLSearchParams, Headers, Request, Response, AbortController }
  const more = { AbortSignal, crypto, performance, TextEncoder, TextDecoder, setTimeout }
  const rest = {
    clearTimeout,
    queueMicrotask,
    DOMException,
    Event,
    EventTarget,
    btoa,
    atob,
    Uint8Array,
    ArrayBuffer,
  }
  const node = entry === 'desktop' ? { process, Buffer, setImmediate } : {}
  const realm = createContext({
    ...web,
    ...more,
    ...rest,
    ...node,
    module,
    exports: module.exports,
    require,
  })
  new Script(code, { filename: `${entry}.js` }).runInContext(realm)
  module.exports.activate(window.context)
  return {
    async run(command) {
      await commands.get(`lanonasis.${command}`)?.()
    },
    log,
    said,
    provider: () => provider,
    required,
  }
}
