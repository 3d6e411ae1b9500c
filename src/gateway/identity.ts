import { isAuthError } from '../errors/auth-error.ts'
import { fetchWhole, type TransportOptions } from '../http/transport.ts'
import { booleanOf, type Fields, fieldsOf, parseFields, stringOf } from '../json/fields.ts'
import type { Secret } from '../secret/secret.ts'

/**
 * What the gateway says of an API key. `unknown`: it did not say anything that can be relied on;
 * `unsupported`: it has no route to ask; `unasked`: it may not be asked from here.
 *
 * | answer | verdict |
 * |---|---|
 * | `valid: true` | `valid` |
 * | `expired_credential` | `expired` |
 * | `invalid_credential`, `API_KEY_INVALID` | `invalid` |
 * | 404 of both routes | `unsupported` |
 * | anything else, a limit, a failing or unreachable gateway | `unknown` |
 */
export type KeyVerdict = 'valid' | 'expired' | 'invalid' | 'unknown' | 'unsupported' | 'unasked'

/** The newer route tells expired from invalid; the older one only says that a key is not valid. */
const routes = ['/v1/auth/introspect', '/v1/auth/verify-api-key'] as const

/** Asks the gateway about an API key (CONTRACT §3). Never throws for what the gateway or the network does. */
export async function judgeApiKey(
  gateway: string,
  key: Secret,
  transport: TransportOptions,
): Promise<KeyVerdict> {
  for (const route of routes) {
    const response = await ask(`${gateway}${route}`, key, transport)
    if (response === undefined) return 'unknown'
    // Not deployed: the next route may be.
    if (response.status === 404) continue
    return verdictOf(parseFields(await response.text()))
  }
  return 'unsupported'
}

async function ask(
  url: string,
  key: Secret,
  transport: TransportOptions,
): Promise<Response | undefined> {
  try {
    return await fetchWhole(
      url,
      {
        method: 'POST',
        headers: {
          'x-api-key': key.reveal(),
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: '{}',
      },
      transport,
    )
  } catch (error) {
    if (!isAuthError(error) || error.code === 'aborted') throw error
    return undefined
  }
}

function verdictOf({ valid, code, error }: Fields): KeyVerdict {
  if (booleanOf(valid) === undefined) return 'unknown'
  if (valid) return 'valid'
  switch (stringOf(fieldsOf(error).code) ?? code) {
    case 'expired_credential':
      return 'expired'
    case 'invalid_credential':
    case 'API_KEY_INVALID':
      return 'invalid'
    default:
      return 'unknown'
  }
}
