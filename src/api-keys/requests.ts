import * as z from 'zod/mini'
import { joinUrl, pathSegment } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Rest } from '../http/rest.ts'
import { createdApiKey } from './schema.ts'
import type { CreatedApiKey, NewApiKey } from './types.ts'

/** Where keys are managed, and how to get there. */
export interface ApiKeyContext {
  readonly rest: Rest
  /** Base URL of MCP Core. */
  readonly base: string
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

const service = 'Key management'

/** Never sent twice: the services answer some client mistakes with 500 (★20), and a lost answer may have made a key. */
export async function createApiKey(
  { rest, base }: ApiKeyContext,
  { name, accessLevel, expiresInDays, description, scopes }: NewApiKey,
  { signal }: CallOptions,
): Promise<CreatedApiKey> {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new AuthError('validation_failed', 'An API key needs a name.', {
      hint: 'Name the machine or the program that the key is for.',
    })
  }
  return rest({
    method: 'POST',
    url: joinUrl(base, 'auth/api-keys'),
    body: {
      name,
      access_level: accessLevel,
      expires_in_days: expiresInDays,
      description,
      scopes,
    },
    signal,
    idempotent: false,
    service,
    answer: createdApiKey,
  })
}

export async function revokeApiKey(
  { rest, base }: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<void> {
  await rest({
    method: 'POST',
    url: joinUrl(base, `auth/api-keys/${pathSegment(id, "key's id")}/revoke`),
    body: {},
    signal,
    idempotent: true,
    service,
    answer: z.unknown(),
  })
}
