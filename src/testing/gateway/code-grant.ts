import type { Client } from '../accounts/clients.ts'
import { codeChallenge } from '../crypto/digest.ts'
import type { Answer } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { oauthError } from './errors.ts'
import { pairAnswer } from './token-answer.ts'

/** Exchanges an authorization code. It is used up before the verifier is checked: a wrong one burns it. */
export async function exchangeCode(
  world: World,
  request: {
    readonly code: string
    readonly redirectUri: string
    readonly codeVerifier: string | undefined
    readonly client: Client
  },
): Promise<Answer> {
  const code = world.codes.get(request.code)
  if (code === undefined) {
    return oauthError('invalid_grant', 'Authorization code not found or expired')
  }
  if (code.clientId !== request.client.clientId) {
    return oauthError('invalid_grant', 'Authorization code does not belong to client')
  }
  // ★11: the strings are compared, so localhost and 127.0.0.1 are two redirects.
  if (code.redirectUri !== request.redirectUri) {
    return oauthError('invalid_grant', 'Redirect URI mismatch')
  }
  world.codes.consume(request.code)
  if (code.codeChallenge !== undefined) {
    if (request.codeVerifier === undefined) {
      return oauthError('invalid_grant', 'code_verifier is required for PKCE flow')
    }
    if ((await codeChallenge(request.codeVerifier)) !== code.codeChallenge) {
      return oauthError('invalid_grant', 'Invalid code_verifier')
    }
  }
  const { clientId, userId, scope } = code
  return pairAnswer(world, world.tokens.issue({ clientId, userId, scope }))
}
