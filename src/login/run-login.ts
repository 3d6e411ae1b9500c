import { AuthError } from '../errors/auth-error.ts'
import type { LoginContext, LoginFlow, LoginGrant } from './flow.ts'

/**
 * Runs the first flow that fits.
 * @throws AuthError `config_invalid` when none does, with the reason of each
 */
export async function runLogin(
  flows: readonly LoginFlow[],
  context: LoginContext,
): Promise<LoginGrant> {
  const reasons: string[] = []
  for (const flow of flows) {
    const availability = await flow.canRun(context)
    if (availability.ok) return flow.run(context)
    reasons.push(`${flow.name}: ${availability.reason}`)
  }
  throw new AuthError(
    'config_invalid',
    flows.length === 0
      ? 'This client has no login flow.'
      : `No login flow can run here (${reasons.join('; ')}).`,
    {
      hint:
        flows.length === 0
          ? 'Pass a flow as login, or use createClient of the entry for this platform (./node, ./browser, ./vscode).'
          : 'Change what one of the reasons names, or pass another flow as login.',
    },
  )
}
