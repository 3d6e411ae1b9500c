import { type Fields, textOf } from '../../json/fields.ts'
import type { Content } from '../content.ts'
import { readSeconds, readTime } from '../times.ts'
import { FieldsReader } from './fields-reader.ts'
import { hasLeftovers } from './leftovers.ts'

const known = ['access_token', 'refresh_token', 'client_id', 'issuer', 'scope', 'auth_method']

/**
 * The answer of a token endpoint, as it was put away: `credentials.json`, `~/.onasis/config.json`, and the
 * token storage of `@lanonasis/oauth-client` with its `issued_at`. `auth_method` says how somebody signed
 * in, which says nothing of the token (★29).
 */
export function readTokens(fields: Fields): Content {
  const reader = new FieldsReader(fields)
  const accessToken = reader.text('access_token')
  const refreshToken = reader.text('refresh_token')
  const obtainedAt = readTime(fields.issued_at)
  const refreshLifeMs = readSeconds(fields.refresh_expires_in)
  const issuer = textOf(fields.issuer)
  const isEmpty = accessToken === undefined && refreshToken === undefined
  return {
    format: 'tokens',
    items: isEmpty
      ? []
      : [
          {
            type: 'tokens',
            accessToken,
            refreshToken,
            tokenType: textOf(fields.token_type),
            scope: textOf(fields.scope),
            obtainedAt,
            expiresAt: readTime(fields.expires_at),
            expiresInMs: readSeconds(fields.expires_in),
            refreshExpiresAt:
              readTime(fields.refresh_expires_at) ??
              (obtainedAt !== undefined && refreshLifeMs !== undefined
                ? obtainedAt + refreshLifeMs
                : undefined),
          },
        ],
    problems: reader.problems,
    clientId: textOf(fields.client_id),
    issuer,
    ...(issuer === undefined ? {} : { addresses: { issuer } }),
    leftovers: hasLeftovers(fields, known),
  }
}
