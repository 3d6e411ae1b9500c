import { type AuthErrorCode, isAuthError } from '@lanonasis/auth-client'
import * as vscode from 'vscode'

interface Remedy {
  readonly says: string
  readonly offers: string
  readonly command: string
}

const signInAgain = { offers: 'Sign In', command: 'lanonasis.signIn' }
const enterKey = { offers: 'Enter API Key', command: 'lanonasis.enterKey' }

/** What a person can do about it here. It goes by the code and never by the text (roadmap §2.4). */
const remedies: Partial<Record<AuthErrorCode, Remedy>> = {
  login_required: { says: 'You are not signed in to Lanonasis.', ...signInAgain },
  session_expired: { says: 'Your Lanonasis session has ended.', ...signInAgain },
  insufficient_scope: { says: 'Your Lanonasis session may not do that.', ...signInAgain },
  api_key_malformed: { says: 'That is no Lanonasis API key.', ...enterKey },
  api_key_incomplete: { says: 'That is only one half of a Lanonasis API key.', ...enterKey },
  api_key_expired: { says: 'Your Lanonasis API key has expired.', ...enterKey },
  api_key_revoked: { says: 'Your Lanonasis API key was revoked.', ...enterKey },
  api_key_rejected: { says: 'Lanonasis does not accept the API key.', ...enterKey },
  config_invalid: {
    says: 'A Lanonasis setting is wrong.',
    offers: 'Open Settings',
    command: 'workbench.action.openSettings',
  },
}

/** The person has changed their mind, and knows. */
const silent: readonly AuthErrorCode[] = ['login_cancelled', 'aborted']

/** Runs something for the person, and tells them what went wrong with it. */
export function reporter(log: vscode.LogOutputChannel) {
  return async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!isAuthError(error)) {
        log.error(error instanceof Error ? error : String(error))
        await vscode.window.showErrorMessage('Lanonasis: something unexpected went wrong.')
        return
      }
      log.error(JSON.stringify(error))
      if (!silent.includes(error.code)) void tell(error)
    }
  }
}

async function tell({
  code,
  message,
  hint,
}: {
  code: AuthErrorCode
  message: string
  hint: string
}) {
  const remedy = remedies[code]
  if (remedy === undefined) {
    await vscode.window.showErrorMessage(`${message} ${hint}`)
    return
  }
  const { says, offers, command } = remedy
  const detail = code === 'config_invalid' ? ` ${message} ${hint}` : ''
  const answer = await vscode.window.showErrorMessage(`${says}${detail}`, offers)
  if (answer !== undefined) await vscode.commands.executeCommand(command)
}
