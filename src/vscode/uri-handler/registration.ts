import { once } from '../../async/once.ts'
import { loadPart } from '../../errors/load-part.ts'
import type { ActivationContext, Editor } from '../host.ts'
import type { Callbacks } from './callbacks.ts'

/** The callbacks of an extension in this window, or why the editor brings it none. */
export interface Registration {
  /** Loaded with the first sign-in, or the first URI. */
  readonly callbacks: () => Promise<Callbacks>
  readonly problem: () => string | undefined
}

/** By the part of the API that the editor makes once for each extension, however the API was imported. */
const registrations = new WeakMap<Editor['window'], Registration>()

/**
 * Registers one handler for all flows of an extension: the editor takes no second one in a window. It
 * ends with the extension.
 *
 * @param handsOver whether the extension has a handler of its own, and hands over what comes to it
 */
export function registrationFor(
  { vscode, context }: { readonly vscode: Editor; readonly context: ActivationContext },
  { handsOver }: { readonly handsOver: boolean },
): Registration {
  const { window } = vscode
  const known = registrations.get(window)
  if (known !== undefined && (handsOver || known.problem() === undefined)) return known
  const callbacks = known?.callbacks ?? loadCallbacks(context)
  const registration = handsOver
    ? { callbacks, problem: () => undefined }
    : register(callbacks, { vscode, context })
  registrations.set(window, registration)
  return registration
}

function loadCallbacks(context: ActivationContext): Registration['callbacks'] {
  return once(async () => {
    const { Callbacks } = await loadPart(import('./callbacks.ts'))
    return new Callbacks(context)
  })
}

function register(
  callbacks: Registration['callbacks'],
  { vscode, context }: { readonly vscode: Editor; readonly context: ActivationContext },
): Registration {
  let problem: string | undefined
  try {
    const handler = vscode.window.registerUriHandler({
      handleUri: async (uri) => {
        // A keyring that fails is no affair of the editor's.
        const handled = callbacks().then((all) => all.handle(uri))
        await handled.catch(() => {})
      },
    })
    context.subscriptions.push({
      dispose: () => {
        problem = 'the extension has been deactivated'
        handler.dispose()
      },
    })
  } catch {
    problem =
      'the extension has a URI handler of its own: pass handlesUris and give what it gets to handleUri() of this flow'
  }
  return { callbacks, problem: () => problem }
}
