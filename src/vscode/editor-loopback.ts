import { loadPart } from '../errors/load-part.ts'
import type { LoginFlow } from '../login/flow.ts'
import type { Editor } from './host.ts'

/**
 * `loopbackFlow` of `./node` for an extension: the editor opens the page, and the flow runs only where the
 * extension is on the machine of the browser.
 */
export function editorLoopback(vscode: Editor): LoginFlow {
  const load = () => loadPart(import('./run-editor-loopback.ts'))
  return {
    name: 'loopback',
    async canRun() {
      const { whyNoLoopback } = await load()
      const reason = whyNoLoopback(vscode.env)
      return reason === undefined ? { ok: true } : { ok: false, reason }
    },
    async run(context) {
      const { runEditorLoopback } = await load()
      return runEditorLoopback(context, vscode)
    },
  }
}
