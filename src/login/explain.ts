import { isAuthError } from '../errors/auth-error.ts'
import type { LoginContext, LoginFlow } from './flow.ts'

/** Which flow `login()` would run here, and why the others are passed over. */
export interface LoginExplanation {
  /** The name of the flow that would run; `undefined`: `login()` would fail. */
  readonly chosen: string | undefined
  /** Every flow of the client, in the order in which they are tried. */
  readonly flows: readonly FlowVerdict[]
  /** Why none would run although one may fit: the client may ask nobody. */
  readonly reason?: string
}

/** Whether one flow fits here. */
export interface FlowVerdict {
  /** The name of the flow, for example `loopback`. */
  readonly name: string
  /** Whether it could run here. */
  readonly fits: boolean
  /** Why it does not. */
  readonly reason?: string
}

/** Asks every flow whether it fits, in order. A flow that cannot say so does not fit. */
export async function explainFlows(
  flows: readonly LoginFlow[],
  context: LoginContext,
): Promise<readonly FlowVerdict[]> {
  const verdicts: FlowVerdict[] = []
  for (const flow of flows) verdicts.push(await verdictOn(flow, context))
  return verdicts
}

async function verdictOn(flow: LoginFlow, context: LoginContext): Promise<FlowVerdict> {
  const { name } = flow
  try {
    const availability = await flow.canRun(context)
    return availability.ok
      ? { name, fits: true }
      : { name, fits: false, reason: availability.reason }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { name, fits: false, reason: error.message }
  }
}
