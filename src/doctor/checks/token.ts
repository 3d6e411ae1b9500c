import { joinUrl } from '../../endpoints/url.ts'
import { type Answered, inShort } from '../ask.ts'
import { type Check, failed, failure, ok, type Result, skipped } from '../check.ts'
import { atGateway } from '../gateway.ts'
import { redirectFor } from '../known-clients.ts'

/** Nobody was ever given this code. */
const code = 'doctor-not-a-code'
const verifier = 'doctor-not-a-verifier-doctor-not-a-verifier'

/**
 * The token endpoint, with a code that nobody was given. One request: it counts among the five that
 * this network may send in 15 minutes, and the client's five a minute (★15).
 */
export const tokenCheck: Check = {
  id: 'token',
  title: 'The token endpoint refuses a wrong code, and knows the client as public',
  run: (context) =>
    atGateway(context, async (gateway) => {
      const service = 'authGateway'
      const { clientId, server } = context.settings
      const fields = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectFor(clientId),
        client_id: clientId,
        code_verifier: verifier,
      }
      const asJson = server.tokenRequestFormat === 'json'
      const answer = await context.ask({
        service,
        url: joinUrl(gateway, 'oauth/token'),
        method: 'POST',
        headers: {
          'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded',
        },
        body: asJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
      })
      if (answer.type === 'unanswered') return [failed(answer.error, { service })]
      return [{ ...judge(answer, clientId), service, latencyMs: answer.latencyMs }]
    }),
}

function judge(answer: Answered, clientId: string): Result {
  const { status, failure: refusal } = answer
  const expected = '400 invalid_grant'
  const said = inShort(answer)
  if (status === 400 && refusal.code === 'invalid_grant') {
    return ok(`A wrong code is refused (${said}); ${clientId} needs no secret.`)
  }
  if (status === 429) {
    const seconds = Math.ceil((refusal.retryAfterMs ?? 0) / 1_000)
    const wait = seconds > 0 ? ` for ${seconds} s` : ''
    return skipped(`The limit of token requests is reached${wait} (${said}).`, { expected })
  }
  const what = `A wrong code is answered with ${said}.`
  if (refusal.code === 'invalid_client') {
    return failure(what, {
      expected,
      hint:
        status === 401
          ? `${clientId} is registered as confidential: it needs a secret, which a program of a person cannot keep. Register a public client.`
          : `Register ${clientId} at the gateway, or correct the client id.`,
    })
  }
  if (status === 403 || /csrf/i.test(refusal.code ?? '')) {
    return failure(what, {
      expected,
      hint: 'This build still wants a CSRF token at /oauth/token: apply the fix of the roadmap (§5.1) and rebuild.',
    })
  }
  if (status === 415 || refusal.code === 'INVALID_BODY') {
    return failure(what, {
      expected,
      hint: 'The gateway cannot read the request: it takes JSON, and forms where tokenRequestFormat says so; a proxy may drop the body.',
    })
  }
  if (status < 300) {
    return failure(what, {
      expected,
      hint: 'It gives tokens for any code: take this build off the network at once.',
    })
  }
  return failure(what, { expected, hint: 'Nobody can sign in: look at the log of the gateway.' })
}
