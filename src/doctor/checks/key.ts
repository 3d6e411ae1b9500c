import { inspectApiKey } from '../../api-keys/inspect.ts'
import { mayGoToGateway } from '../../client/gateway-access.ts'
import type { KeyVerdict } from '../../gateway/identity.ts'
import type { HeldApiKey } from '../../session/account.ts'
import { type Check, failure, ok, type Result, skipped, unlessAborted, warning } from '../check.ts'
import { atGateway } from '../gateway.ts'

/** The API key that is used: its form, and what the gateway says of it. Only its public part is shown. */
export const keyCheck: Check = {
  id: 'key',
  title: 'The API key that is used',
  async run(context) {
    const { settings } = context
    const given = settings.apiKey
    const account = given === undefined ? await context.account().catch(unlessAborted) : undefined
    const key: HeldApiKey | undefined = given === undefined ? account?.apiKey : { secret: given }
    if (key === undefined) return [skipped('There is no API key.')]
    const from = given === undefined ? 'from the store' : 'given to this program'
    const inspection = inspectApiKey(key.secret.reveal())
    if (!inspection.ok) {
      return [
        failure(`The API key ${from} is none (${inspection.reason}).`, { hint: inspection.hint }),
      ]
    }
    const name = `The API key ${inspection.publicId}… ${from}`
    if (settings.browser) return [skipped(`${name}: a page cannot ask the gateway about it.`)]
    if (!mayGoToGateway(settings, key.origins)) {
      return [skipped(`${name} is for another address (★1).`)]
    }
    return atGateway(context, async () => {
      const verdict = await context.within(
        'The gateway',
        context.access.judgeKey(key, context.signal),
      )
      return [{ ...judge(verdict, name), service: 'authGateway' as const }]
    })
  },
}

function judge(verdict: KeyVerdict, name: string): Result {
  switch (verdict) {
    case 'valid':
      return ok(`${name} is good.`)
    case 'expired':
      return failure(`${name} has expired.`, {
        hint: 'Rotate it here, or create a new one in the dashboard.',
      })
    case 'invalid':
      return failure(`${name} is not known to the gateway.`, {
        hint: 'It was revoked, or is of another deployment: create a new one, or correct the address.',
      })
    case 'unknown':
      return warning(`${name}: the gateway did not say anything that can be relied on.`, {
        hint: 'Look again in a minute: it answers so when it is limited or busy.',
      })
    case 'unasked':
      return skipped(`${name}: the gateway may not be asked about it from here.`)
    case 'unsupported':
      return skipped(`${name}: this gateway cannot be asked about keys.`)
  }
}
