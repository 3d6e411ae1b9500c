import { type Result, skipped } from './check.ts'
import type { CheckContext } from './context.ts'

/**
 * What a check finds out at the gateway. Where that does not answer at all, `services` says so, and it
 * is not said, and waited for, once more by every check.
 */
export async function atGateway(
  context: CheckContext,
  look: (gateway: string) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const answer = await context.first('authGateway')
  if (answer.type === 'unanswered') {
    return [skipped('The gateway does not answer, so this cannot be seen.')]
  }
  return look(context.endpoints.urls.authGateway)
}
