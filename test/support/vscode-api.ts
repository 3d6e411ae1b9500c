import type {
  ActivationContext,
  Editor,
  EditorUri,
  EditorUriHandler,
  HostDisposable,
} from '../../src/vscode.ts'
import { type EditorOptions, type EditorWindow, editor } from './secret-storage.ts'

/**
 * A model of VS Code's windows as an extension sees them, after its sources (base/common/uri,
 * api/common/extHostUrls, platform/url, editor/browser/services/openerService, contrib/url/trustedDomainsValidator):
 *
 * - An extension has one URI handler in each window; a second one throws.
 * - The system hands a URI to the window that was used last, or to that whose number it carries.
 * - `asExternalUri` adds the number of the window on the desktop, and gives the address of a page in a browser.
 * - `openExternal` asks the person first. A text is opened as it is, a `Uri` is decoded and encoded anew.
 */
export interface Desktop {
  /** Opens a window, which is the one that is used then. */
  open(): DesktopWindow
  /** The browser asks the system to open this. */
  handOver(url: string): void
}

/** A window, with the extension in it. */
export interface DesktopWindow {
  readonly vscode: Editor
  readonly context: ActivationContext
  readonly storage: EditorWindow
  /** What was opened in the browser. */
  readonly opened: readonly string[]
  /** How the person answers when the editor asks whether a page may be opened; it may be refused by the system. */
  answer: 'open' | 'copy' | 'cancel' | 'fails'
  /** What was copied last. */
  clipboard: string
  /** Makes this the window that was used last. */
  focus(): void
  /** Ends the extension in it. */
  deactivate(): void
}

export interface DesktopOptions extends EditorOptions {
  readonly uriScheme?: string
  readonly appName?: string
  readonly extensionId?: string
  /** In a browser, `asExternalUri` gives an address of its own. */
  readonly uiKind?: 1 | 2
  readonly asExternalUri?: (uri: EditorUri) => Promise<EditorUri>
  /** What the person does in the browser with a page that was opened there. */
  readonly browse?: (url: string) => void
}

export function desktop({
  uriScheme = 'vscode',
  appName = 'Visual Studio Code',
  extensionId = 'lanonasis.mcp-client',
  uiKind = 1,
  asExternalUri,
  browse = () => {},
  ...options
}: DesktopOptions = {}): Desktop {
  const secrets = editor(options)
  const windows: ModelWindow[] = []
  let last: ModelWindow | undefined

  class ModelWindow implements DesktopWindow {
    readonly id = windows.length + 1
    readonly storage = secrets.open()
    readonly opened: string[] = []
    readonly #subscriptions: HostDisposable[] = []
    answer: DesktopWindow['answer'] = 'open'
    clipboard = ''
    handler: EditorUriHandler | undefined

    readonly context: ActivationContext = {
      ...this.storage.context,
      extension: { id: extensionId },
      subscriptions: this.#subscriptions,
    }

    readonly vscode: Editor = {
      Uri: { parse: (text) => new ModelUri(text) },
      window: {
        registerUriHandler: (handler) => {
          if (this.handler !== undefined) {
            throw new Error(`Protocol handler already registered for extension ${extensionId}`)
          }
          this.handler = handler
          return {
            dispose: () => {
              this.handler = undefined
            },
          }
        },
      },
      env: {
        ...this.storage.env,
        appName,
        uriScheme,
        uiKind,
        clipboard: { readText: async () => this.clipboard },
        openExternal: async (target) => this.#openExternal(target),
        asExternalUri: async (uri) =>
          asExternalUri?.(uri) ?? new ModelUri(`${uri.toString(true)}?windowId=${this.id}`),
      },
    }

    focus(): void {
      last = this
    }

    deactivate(): void {
      for (const one of this.#subscriptions.splice(0).reverse()) one.dispose()
    }

    #openExternal(target: EditorUri | string): boolean {
      if (this.answer === 'fails') throw new Error('No opener for this.')
      const href = typeof target === 'string' ? target : encodeURI(target.toString(true))
      if (this.answer === 'copy') {
        this.clipboard = typeof target === 'string' ? target : target.toString(true)
      }
      if (this.answer !== 'open') return false
      this.opened.push(href)
      browse(href)
      return true
    }
  }

  return {
    open() {
      const window = new ModelWindow()
      windows.push(window)
      window.focus()
      return window
    },
    handOver(url) {
      const uri = new ModelUri(url)
      const wanted = Number(/\bwindowId=([^&]+)/.exec(uri.query)?.[1])
      const window = windows.find(({ id }) => id === wanted) ?? last
      const isOurs = uri.scheme === uriScheme && uri.authority.toLowerCase() === extensionId
      if (isOurs) void window?.handler?.handleUri(uri)
    },
  }
}

const parts = /^([^:/?#]+?):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?/

/** `vscode.Uri`: each part is decoded once, and the whole encoded by part. */
export class ModelUri implements EditorUri {
  readonly scheme: string
  readonly authority: string
  readonly path: string
  readonly query: string

  constructor(text: string) {
    const found = parts.exec(text)
    if (found === null) throw new Error(`[UriError]: Scheme is missing: ${text}`)
    const [, scheme = '', authority = '', path = '', query = ''] = found
    this.scheme = scheme
    this.authority = decode(authority)
    this.path = decode(path)
    this.query = decode(query)
  }

  get fsPath(): string {
    return this.path
  }

  toString(skipEncoding = false): string {
    const encode = skipEncoding ? (text: string) => text : encodeURIComponent
    const path = this.path.split('/').map(encode).join('/')
    const query = this.query === '' ? '' : `?${encode(this.query)}`
    return `${this.scheme}://${encode(this.authority)}${path}${query}`
  }
}

function decode(text: string): string {
  return text.replace(/(%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}
