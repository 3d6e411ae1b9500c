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
  /** The user changes their settings. */
  change(user: object): void
  /** The next question to the person fails. */
  breakWith(error: Error): void
  /** What was written to the output channel. */
  readonly log: string[]
  /** What was said in notifications. */
  readonly said: string[]
  readonly provider: () => AuthenticationProvider | undefined
  /** What the view shows. It fails where the editor does: one id stands for two items. */
  tree(): Promise<readonly (TreeItem | undefined)[]>
  /** How often the view was to be read again. */
  readonly refreshes: () => number
  /** What the conditions of the manifest go by. */
  readonly status: () => unknown
  /** The text of a memory that is open. */
  open(id: string): Promise<string>
  /** What a bundle has asked the runtime for. */
  readonly required: ReadonlySet<string>
}

interface TreeItem {
  readonly id?: string
  readonly label: string
  readonly command?: { readonly arguments: readonly unknown[] }
}

interface Tree {
  getChildren(): Promise<readonly unknown[]>
  getTreeItem(element: unknown): TreeItem | Promise<TreeItem>
}

/** `Uri.from`, which is as strict as the editor's. */
function from({ scheme, path, query }: { scheme: string; path: string; query: string }): string {
  if (path.startsWith('//')) {
    throw new Error('[UriError]: the path cannot begin with two slash characters ("//")')
  }
  return `${scheme}:${path.split('/').map(encodeURIComponent).join('/')}?${query}`
}

interface Documents {
  provideTextDocumentContent(uri: { query: string }): Promise<string>
}

const joinPath = (base: string, ...names: string[]) => [base, ...names].join('/')

interface ActivateOptions {
  readonly window: DesktopWindow
  /** What is in the person's home, by its path there. */
  readonly files?: Readonly<Record<string, unknown>>
  /** The buttons that the person chooses wherever they are offered. */
  readonly chooses?: readonly string[]
  /** The user's own settings, and those of the folder that is open. */
  readonly settings?: { readonly user?: object; readonly workspace?: object }
}

/**
 * `desktop` gets what Node.js has, `web` what a web worker has: no `process`, and no module but the editor's.
 */
export async function activate(
  entry: 'desktop' | 'web',
  { window, settings = {}, files = {}, chooses = [] }: ActivateOptions,
): Promise<Activated> {
  const code = await readFile(join(await copyOf('vscode'), `dist/${entry}.js`), 'utf8')
  const commands = new Map<string, () => Promise<void>>()
  const said: string[] = []
  const log: string[] = []
  const required = new Set<string>()
  let broken: Error | undefined
  const listeners: ((change: object) => unknown)[] = []
  let provider: AuthenticationProvider | undefined
  let tree: Tree | undefined
  let documents: Documents | undefined
  let refreshes = 0
  let status: unknown
  const nothing = { dispose() {} }
  const say = async (text: string, ...more: (string | { detail?: string })[]) => {
    const details = more.map((one) => (typeof one === 'string' ? '' : `\n${one.detail}`))
    said.push([text, ...details].join(''))
    return more.find((one) => typeof one === 'string' && chooses.includes(one))
  }
  const fileAt = (path: string) => {
    const [, content] = Object.entries(files).find(([name]) => path.endsWith(`/${name}`)) ?? []
    if (content !== undefined) return new TextEncoder().encode(JSON.stringify(content))
    throw Object.assign(new Error('There is no such file.'), { code: 'FileNotFound' })
  }
  const write = (...texts: string[]) => void log.push(texts.join(' '))
  const vscode = {
    ...window.vscode,
    ProgressLocation: { Notification: 15 },
    StatusBarAlignment: { Right: 2 },
    ThemeColor: class {},
    ThemeIcon: class {},
    Disposable: {
      from: (...all: { dispose(): unknown }[]) => ({
        dispose: () => {
          for (const one of all) one.dispose()
        },
      }),
    },
    EventEmitter: class {
      event = () => nothing
      fire() {
        refreshes++
      }
    },
    Uri: { ...window.vscode.Uri, file: (path: string) => path, joinPath, from },
    window: {
      ...window.vscode.window,
      createOutputChannel: () => ({ ...nothing, info: write, warn: write, error: write }),
      createStatusBarItem: () => ({ ...nothing, show() {} }),
      createQuickPick: () => ({ ...nothing, onDidAccept() {}, onDidHide() {}, show() {} }),
      createInputBox: () => ({ ...nothing, onDidAccept() {}, onDidHide() {}, show() {} }),
      registerTreeDataProvider: (_id: string, one: Tree) => {
        tree = one
        return nothing
      },
      showInputBox: async () => {
        if (broken !== undefined) throw broken
      },
      showErrorMessage: say,
      showInformationMessage: say,
      showWarningMessage: say,
      withProgress: (_: unknown, work: (...given: unknown[]) => unknown) =>
        work({ report() {} }, { onCancellationRequested() {} }),
    },
    workspace: {
      registerTextDocumentContentProvider: (_scheme: string, one: Documents) => {
        documents = one
        return nothing
      },
      onDidChangeConfiguration: (listener: (change: object) => unknown) => {
        listeners.push(listener)
        return nothing
      },
      getConfiguration: () => ({
        get: (name: string) => Reflect.get({ ...settings.user, ...settings.workspace }, name),
        inspect: (name: string) => ({
          globalValue: Reflect.get(settings.user ?? {}, name),
          workspaceValue: Reflect.get(settings.workspace ?? {}, name),
        }),
      }),
      fs: {
        stat: async (path: string) => ({ size: fileAt(path).length, mtime: 0 }),
        readFile: async (path: string) => fileAt(path),
      },
    },
    commands: {
      executeCommand: async (name: string, key?: string, value?: unknown) => {
        if (name === 'setContext' && key === 'lanonasis.status') status = value
      },
      getCommands: async () => [...commands.keys(), 'workbench.action.openSettings'],
      registerCommand: (name: string, command: () => Promise<void>) => {
        commands.set(name, command)
        return { dispose: () => commands.delete(name) }
      },
    },
    authentication: {
      registerAuthenticationProvider: (
        _id: string,
        _label: string,
        one: AuthenticationProvider,
      ) => {
        provider = one
        return {
          dispose: () => {
            provider = undefined
          },
        }
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
    Error,
    Event,
    EventTarget,
    btoa,
    atob,
    Uint8Array,
    ArrayBuffer,
  }
  const node = entry === 'desktop' ? { process, Buffer, setImmediate } : { importScripts: () => {} }
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
    change: (user) => {
      settings = { ...settings, user }
      for (const tell of listeners) tell({ affectsConfiguration: () => true })
    },
    breakWith: (error) => {
      broken = error
    },
    log,
    said,
    provider: () => provider,
    async tree() {
      const elements = (await tree?.getChildren()) ?? []
      const items = await Promise.all(elements.map(async (element) => tree?.getTreeItem(element)))
      const ids = new Set<string>()
      for (const id of items.flatMap((item) => item?.id ?? [])) {
        if (ids.has(id)) throw new Error(`Element with id ${id} is already registered`)
        ids.add(id)
      }
      return items
    },
    refreshes: () => refreshes,
    status: () => status,
    open: async (query) => (await documents?.provideTextDocumentContent({ query })) ?? '',
    required,
  }
}
