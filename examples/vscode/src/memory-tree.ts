import { isAuthError, type LanonasisClient, type Memory } from '@lanonasis/auth-client'
import * as vscode from 'vscode'
import type { Attempt } from './problems.js'

/** What ends the list without an error: the view says it in its own words. */
const signedOut = ['login_required', 'session_expired']

/** Nobody looks through more; whoever has more searches. */
const longest = 500

/** Stands where memories would, so that nobody takes an outage for "no memories". */
class Gap {}

/** The memories as a tree, and each of them as a document that can be read. */
export class MemoryTree
  implements vscode.TreeDataProvider<Memory | Gap>, vscode.TextDocumentContentProvider
{
  readonly #attempt: Attempt
  readonly #changes = new vscode.EventEmitter<undefined>()
  readonly onDidChangeTreeData = this.#changes.event
  #client: LanonasisClient | undefined

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  /** Shows the memories that this client sees. */
  follow(client: LanonasisClient): vscode.Disposable {
    this.#client = client
    let seen = ''
    const stop = client.subscribe(() => {
      const { status, apiKey } = client.getSnapshot()
      const now = `${status} ${apiKey?.publicId}`
      if (now !== seen) this.refresh()
      seen = now
    })
    this.refresh()
    return {
      dispose: () => {
        stop()
        this.#client = undefined
        this.refresh()
      },
    }
  }

  refresh(): void {
    this.#changes.fire(undefined)
  }

  async getChildren(parent?: Memory | Gap): Promise<(Memory | Gap)[]> {
    const client = this.#client
    if (parent !== undefined || client === undefined) return []
    const children: (Memory | Gap)[] = [new Gap()]
    await this.#attempt(async () => {
      const { status, apiKey } = await client.getSession()
      if (status === 'signed-in' || apiKey !== undefined) await readInto(children, client)
      children.pop()
    })
    return children
  }

  async getTreeItem(one: Memory | Gap): Promise<vscode.TreeItem> {
    if (one instanceof Gap) {
      return {
        label: 'The memories cannot be read now.',
        description: 'Try again',
        iconPath: new vscode.ThemeIcon('warning'),
        command: { command: 'lanonasis.refresh', title: 'Try Again' },
      }
    }
    // One that cannot be shown must not take the others with it.
    let item: vscode.TreeItem = { id: one.id, label: one.title }
    await this.#attempt(() => {
      item = itemOf(one)
    })
    return item
  }

  async provideTextDocumentContent({ query: id }: vscode.Uri): Promise<string> {
    // With nothing shown, it would be taken for a memory without a text.
    if (this.#client === undefined) throw new Error('Lanonasis is not started.')
    const { title, content } = await this.#client.memory.get(id)
    return `# ${title}\n\n${content}\n`
  }
}

function itemOf({ id, title, type, tags }: Memory): vscode.TreeItem {
  const uri = vscode.Uri.from({ scheme: 'lanonasis', path: `/${fileName(title)}.md`, query: id })
  return {
    id,
    label: title,
    description: type,
    tooltip: [title, ...tags.map((tag) => `#${tag}`)].join(' '),
    iconPath: new vscode.ThemeIcon('note'),
    command: { command: 'vscode.open', title: 'Open', arguments: [uri] },
  }
}

/**
 * A title is any text, and a path is not: it must not begin with two slashes, each slash makes a folder, and half
 * a character cannot be written in a URI.
 */
function fileName(title: string): string {
  return title.replace(/[/\\\p{Cc}\p{Cs}]+/gu, '-')
}

/**
 * Puts them in front of the last. While one page is read, a new memory may push one of it to the next: the editor shows
 * nothing at all where two items have one id.
 */
async function readInto(children: (Memory | Gap)[], client: LanonasisClient): Promise<void> {
  try {
    const ids = new Set<string>()
    for await (const memory of client.memory.list({ limit: 100 })) {
      if (ids.has(memory.id)) continue
      ids.add(memory.id)
      children.splice(-1, 0, memory)
      if (children.length > longest) break
    }
  } catch (error) {
    if (!isAuthError(error) || !signedOut.includes(error.code)) throw error
  }
}
