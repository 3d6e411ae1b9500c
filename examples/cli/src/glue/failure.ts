import type { AuthError, AuthErrorCode } from '@lanonasis/auth-client'
import { CommanderError } from 'commander'
import { exitCodeOf } from './exit-codes.js'
import { interruption } from './interruption.js'
import { note, OutputClosed, paint, printJson } from './output.js'
import { oneLine, withoutSecrets } from './text.js'

/** What the library advises a program is said here for the person at its command line. */
const hints: Partial<Record<AuthErrorCode, string>> = {
  login_required: 'Run: lanonasis auth login',
  session_expired: 'Run: lanonasis auth login',
  api_key_expired: 'Run: lanonasis key rotate, or lanonasis auth login --method api-key',
  api_key_revoked: 'Run: lanonasis key create, or lanonasis auth login --method api-key',
  insufficient_scope: 'Run: lanonasis auth login --scope "…" with the scope that is missing.',
}

/** Something was asked for in a way that cannot work. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Says what went wrong: message, hint and code, never a stack nor a secret. @returns the exit code */
export async function reportFailure(
  error: unknown,
  { json }: { readonly json: boolean },
): Promise<number> {
  if (error instanceof OutputClosed) return 141
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const { exit, report } = await describe(error)
  // Commander has said it already, with the usage.
  if (!(error instanceof CommanderError)) say(report)
  if (json) await printJson({ error: report }).catch(() => {})
  return exit
}

interface Report {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

async function describe(
  error: unknown,
): Promise<{ readonly exit: number; readonly report: Report }> {
  const { exitCode } = interruption
  if (exitCode !== undefined) {
    return {
      exit: exitCode,
      report: {
        code: 'aborted',
        message: 'Stopped. A change that was on its way to the services may have arrived.',
      },
    }
  }
  if (error instanceof CommanderError || error instanceof UsageError) {
    return { exit: 2, report: { code: 'usage', message: withoutSecrets(error.message) } }
  }
  const { isAuthError } = await import('@lanonasis/auth-client')
  if (isAuthError(error)) return { exit: exitCodeOf(error.code), report: reportOf(error) }
  // Its message may hold anything.
  const name = error instanceof Error ? error.name : typeof error
  return {
    exit: 1,
    report: { code: 'unexpected', message: `That should not have happened (${name}).` },
  }
}

function reportOf(error: AuthError): Report {
  const { message, code, hint, retryAfterMs, missingScope, requestId, status } = error
  const wait = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000)
  const advice = wait === undefined ? (hints[code] ?? hint) : `Try again in ${wait} s.`
  return Object.assign(
    { code, message, hint: advice },
    status === undefined ? {} : { status },
    requestId === undefined ? {} : { requestId },
    wait === undefined ? {} : { retryAfterSeconds: wait },
    missingScope === undefined ? {} : { missingScope },
  )
}

function say({ message, hint, code }: Report): void {
  const { red, dim } = paint(process.stderr)
  note(`${red('error:')} ${oneLine(message)} ${dim(`(${code})`)}`)
  if (hint !== undefined) note(`  ${oneLine(hint)}`)
}
