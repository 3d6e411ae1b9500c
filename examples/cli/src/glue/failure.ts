import type { AuthError, AuthErrorCode } from '@lanonasis/auth-client'
import { CommanderError } from 'commander'
import { exitCodeOf } from './exit-codes.js'
import { interruption } from './interruption.js'
import { note, OutputClosed, OutputFailed, paint, printJson } from './output.js'

/** What the library advises a program is said here for the person at its command line. */
const hints: Partial<Record<AuthErrorCode, string>> = {
  login_required: 'Run: lanonasis auth login',
  session_expired: 'Run: lanonasis auth login',
  api_key_expired: 'Run: lanonasis key rotate, or lanonasis auth login --method api-key',
  api_key_revoked: 'Run: lanonasis key create, or lanonasis auth login --method api-key',
  insufficient_scope: 'Run: lanonasis auth login --scope "…" with the scope that is missing.',
}

/** What Ctrl-C has waited for has failed: nothing else names the new key. */
const outlivesInterruption: readonly AuthErrorCode[] = ['api_key_left_over', 'store_unavailable']

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
  // Instead of it, commander has shown what the commands are.
  if (!isHelp(error)) say(report)
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
    const { isAuthError } = await import('@lanonasis/auth-client')
    const namesKey = outlivesInterruption.some((code) => isAuthError(error, code))
    if (isAuthError(error) && namesKey) return { exit: exitCode, report: reportOf(error) }
    return {
      exit: exitCode,
      report: {
        code: 'aborted',
        message: 'Stopped. A change that was on its way to the services may have arrived.',
      },
    }
  }
  if (isHelp(error)) return { exit: 2, report: { code: 'usage', message: 'Name a command.' } }
  const { isAuthError, redact } = await import('@lanonasis/auth-client')
  if (error instanceof CommanderError || error instanceof UsageError) {
    // It may repeat what was typed, and that may be a key at the wrong place.
    const message = redact(error.message.replace(/^error: /, ''))
    return { exit: 2, report: { code: 'usage', message, hint: '--help says more.' } }
  }
  if (isAuthError(error)) return { exit: exitCodeOf(error.code), report: reportOf(error) }
  if (error instanceof OutputFailed) {
    const hint = 'Look at the disk, and at the limits, of where the output goes.'
    return { exit: 8, report: { code: 'output_failed', message: error.message, hint } }
  }
  // Its message may hold anything.
  const name = error instanceof Error ? error.name : typeof error
  return {
    exit: 1,
    report: { code: 'unexpected', message: `That should not have happened (${name}).` },
  }
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help'
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
  note(`${red('error:')} ${message} ${dim(`(${code})`)}`)
  if (hint !== undefined) note(`  ${hint}`)
}
