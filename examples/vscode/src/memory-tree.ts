import { isAuthError, type LanonasisClient, type Memory } from '@lanonasis/auth-client'
import * as vscode from 'vscode'
import type { reporter } from './problems.js'

/** What ends the list without an error: the view says it in its own words. */
const signedOut = ['login_required', 'session_expired']

/** Nobody looks through more; whoever has more searches. */
const longest = 500

/** The memories as a tree, and each of them as a document that can be read. */
export class MemoryTree
  implements vscode.TreeDataProvider<Memory>, vscode.TextDocumentContentProvider
{
  readonly #client: LanonasisClient
  readonly #attempt: ReturnType<typeof reporter>
  readonly #changes = new vscode.EventEmitter<undefined>()
  readonly onDidChangeTreeData = this.#changes.event

  constructor(client: LanonasisClient, attempt: ReturnType<typeof reporter>) {
    this.#client = client
    this.#attempt = attempt
    let seen = ''
    client.subscribe(() => {
      const { status, apiKey } = client.getSnapshot()
      const now = `${status} ${apiKey?.publicId}`
      if (now !== seen) this.refresh()
      seen = now
    })
  }

  refresh(): void {
    this.#changes.fire(undefined)
  }

  async getChildren(parent?: Memory): Promise<Memory[]> {
    const memories: Memory[] = []
    if (parent !== undefined) return memories
    const { status, apiKey } = await this.#client.getSession()
    if (status !== 'signed-in' && apiKey === undefined) return memories
    await this.#attempt(async () => {
      try {
        for await (const memory of this.#client.memory.list({ limit: 100 })) {
          if (memories.push(memory) === longest) break
        }
      } catch (error) {
        if (!isAuthError(error) || !signedOut.includes(error.code)) throw error
      }
    })
    return memories
  }

  getTreeItem({ id, title, type, tags }: Memory): vscode.TreeItem {
    const uri = vscode.Uri.from({ scheme: 'lanonasis', path: `/${title}.md`, query: id })
    return {
      id,
      label: title,
      description: type,
      tooltip: [title, ...tags.map((tag) => `#${tag}`)].join(' '),
      iconPath: new vscode.ThemeIcon('note'),
      command: { command: 'vscode.open', title: 'Open', arguments: [uri] },
    }
  }

  async provideTextDocumentContent({ query: id }: vscode.Uri): Promise<string> {
    const { title, content } = await this.#client.memory.get(id)
    return `# ${title}\n\n${content}\n`
  }
}
