import { authorizationRequest, authorize } from '../authorization.ts'
import { type Check, failure, ok, type Result, skipped, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { atGateway } from '../gateway.ts'
import { impossibleRedirect, knownClient } from '../known-clients.ts'

type Parameters = Readonly<Record<string, string>>

/** A request that must not get anywhere. */
interface BadRequest {
  readonly what: string
  readonly spoil: (good: Parameters) => Parameters
  /** What the gateway calls it. */
  readonly codes: readonly string[]
  /** What it means when it gets somewhere all the same. */
  readonly danger: string
  /** Whether the refusal may go to the redirect URI (RFC 6749 §4.1.2.1). */
  readonly mayTell?: boolean
  /** It is judged after the redirect, and needs one that is registered. */
  readonly late?: boolean
}

const badRequests: readonly BadRequest[] = [
  {
    what: 'no response_type',
    spoil: without('response_type'),
    codes: ['invalid_request', 'unsupported_response_type'],
    danger: 'Look at how this build validates authorization requests.',
    mayTell: true,
  },
  {
    what: 'no PKCE challenge',
    spoil: (good) => without('code_challenge')(without('code_challenge_method')(good)),
    codes: ['invalid_request'],
    danger: 'Without PKCE whoever sees a code can use it: require it for public clients.',
    mayTell: true,
  },
  {
    what: 'the challenge method plain',
    spoil: (good) => ({ ...good, code_challenge_method: 'plain' }),
    codes: ['invalid_request'],
    danger: 'With plain whoever sees the request can use its code: take S256 only.',
    mayTell: true,
  },
  {
    what: 'an unknown client',
    spoil: (good) => ({ ...good, client_id: 'doctor-nobody' }),
    codes: ['invalid_client', 'unauthorized_client', 'invalid_request'],
    danger: 'Let only registered clients ask for access.',
  },
  {
    what: 'a redirect that is not registered',
    spoil: (good) => ({ ...good, redirect_uri: impossibleRedirect }),
    codes: ['invalid_request'],
    danger:
      'This is an open redirect, and codes can be stolen by it: compare redirects with the registered ones.',
  },
  {
    what: 'an unknown scope',
    spoil: (good) => ({ ...good, scope: 'doctor:unknown' }),
    codes: ['invalid_scope'],
    late: true,
    danger: 'Look at how this build judges scopes.',
    mayTell: true,
  },
]

/** That bad authorization requests are refused (CONTRACT §3). No browser session, no credential. */
export const authorizeCheck: Check = {
  id: 'authorize',
  title: 'Bad authorization requests are refused, PKCE above all',
  async run(context) {
    if (context.settings.browser) {
      return [skipped('A page cannot see where the gateway leads to.')]
    }
    return atGateway(context, async () => {
      const good = await authorizationRequest(context, context.settings.clientId)
      const { redirectUri } = knownClient(context.settings.clientId)
      // Where the redirect is refused, what comes after it is not judged any more.
      const asked = badRequests.filter(({ late }) => !late || redirectUri !== undefined)
      const looks = asked.map(async (bad) => ({
        bad,
        result: await look(context, bad, good),
      }))
      const found = await Promise.all(looks)
      const seen = found.flatMap(({ result }) => result ?? [])
      const unseen = found.filter(({ result }) => result === undefined)
      const hidden = unseen.length === 0 ? [] : [unseenUntilSignIn(unseen.map(({ bad }) => bad))]
      return [...seen, ...hidden].map((result) => ({ ...result, service: 'authGateway' as const }))
    })
  },
}

/** The gateway checks the form of a request first, then the session, and the rest for somebody who is signed in. */
function unseenUntilSignIn(bad: readonly BadRequest[]): Result {
  const names = bad.map(({ what }) => what).join(', ')
  return skipped(`With ${names}: a sign-in is asked for first; a refusal would come after it.`)
}

/** @returns `undefined` where a sign-in is asked for before the request is judged */
async function look(
  context: CheckContext,
  { what, spoil, codes, danger, mayTell = false }: BadRequest,
  good: Parameters,
): Promise<Result | undefined> {
  const verdict = await authorize(context, { about: `With ${what}`, parameters: spoil(good) })
  const expected = `400 ${codes[0]}`
  switch (verdict.type) {
    case 'none':
      return verdict.result
    case 'asks':
      return undefined
    case 'refuses':
      if (codes.includes(verdict.code ?? '')) return ok(`With ${what}: refused (${verdict.said}).`)
      return warning(`With ${what}: refused, but with ${verdict.said}.`, {
        expected,
        hint: 'Programs cannot tell a person what is wrong: answer with the code that is expected.',
      })
    case 'tells':
      if (mayTell) return ok(`With ${what}: refused (${verdict.code}, told to the redirect).`)
      return failure(`With ${what}: the browser is sent to the redirect (${verdict.code}).`, {
        expected,
        hint: danger,
      })
    case 'leads-away':
      return failure(`With ${what}: the browser is sent to ${verdict.to}.`, {
        expected,
        hint: danger,
      })
    case 'else':
      return failure(`With ${what}: ${verdict.said}.`, {
        expected,
        hint: 'Look at the log of the gateway for this request.',
      })
  }
}

function without(name: string): (good: Parameters) => Parameters {
  return (good) => Object.fromEntries(Object.entries(good).filter(([field]) => field !== name))
}
