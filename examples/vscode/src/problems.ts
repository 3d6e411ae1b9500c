import { AuthError, type AuthErrorCode, isAuthError } from '@lanonasis/auth-client'
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

/** The person has changed their mind, and knows; unless there is more to be said. */
const silent: readonly AuthErrorCode[] = ['login_cancelled', 'aborted']

/** Runs something for the person, and tells them what went wrong with it. */
export type Attempt = (work: () => unknown) => Promise<void>

interface Reporting {
  readonly log: vscode.LogOutputChannel
  /** Hears of what went wrong with the services, by its code. */
  readonly onFailure: (code: AuthErrorCode) => void
}

export function reporter({ log, onFailure }: Reporting): Attempt {
  return async (work) => {
    try {
      await work()
    } catch (error) {
      if (!isAuthError(error)) {
        log.error(withoutText(error))
        await vscode.window.showErrorMessage('Lanonasis: something unexpected went wrong.')
        return
      }
      log.error(JSON.stringify(error))
      onFailure(error.code)
      if (!silent.includes(error.code) || saysMore(error)) void tell(error)
    }
  }
}

/** Where it happened. What an unknown error says may hold anything, an address with a token in it for example. */
function withoutText(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'name' in error && 'stack' in error
  if (!isError) return `unexpected: ${typeof error}`
  const frames = String(error.stack).split('\n')
  const places = frames.filter((line) => /^\s+at /.test(line))
  return [`unexpected: ${error.name}`, ...places].join('\n')
}

/**
 * Whether somebody has to hear more than what the code means: of a key that is alive and that nobody has, for example.
 * The library then gives a hint of its own, and not the one of the code.
 */
function saysMore({ code, hint }: AuthError): boolean {
  return hint !== new AuthError(code, '').hint
}

async function tell(error: AuthError) {
  const { code, message, hint } = error
  const remedy = remedies[code]
  const commands = await vscode.commands.getCommands()
  // An extension that could not start has no commands.
  if (remedy === undefined || !commands.includes(remedy.command)) {
    await vscode.window.showErrorMessage(`${message} ${hint}`)
    return
  }
  const { says, offers, command } = remedy
  const detail = code === 'config_invalid' || saysMore(error) ? ` ${message} ${hint}` : ''
  const answer = await vscode.window.showErrorMessage(`${says}${detail}`, offers)
  if (answer !== undefined) await vscode.commands.executeCommand(command)
}
