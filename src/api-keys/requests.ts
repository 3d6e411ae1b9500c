import { pathSegment } from '../endpoints/url.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { Rest, RestCall } from '../http/rest.ts'
import { mayHaveMade } from './owner.ts'
import { anyAnswer, apiKeyList, apiKeyRecord, createdApiKey } from './schema.ts'
import type { ApiKeyRecord, CreatedApiKey, NewApiKey } from './types.ts'

/** Where keys are managed, and how to get there. */
export interface ApiKeyContext {
  readonly rest: Rest
  /** URL of the collection, such as `https://mcp.lanonasis.com/api/v1/auth/api-keys`. */
  readonly url: string
}

/** Never sent twice: the services answer some client mistakes with 500 (★20), and a lost answer may have made a key. */
export async function createApiKey(
  context: ApiKeyContext,
  key: NewApiKey,
  { signal }: CallOptions,
): Promise<CreatedApiKey> {
  const { name, accessLevel, expiresInDays, description, scopes } = key
  requireName(name)
  requireDays(expiresInDays)
  try {
    return await call(context, '', {
      method: 'POST',
      body: {
        name,
        access_level: accessLevel,
        expires_in_days: expiresInDays,
        description,
        scopes,
      },
      idempotent: false,
      answer: createdApiKey,
      signal,
    })
  } catch (error) {
    throw isAuthError(error) && mayHaveMade(error) ? perhapsMade(error) : error
  }
}

/** The answer got lost, and with it perhaps a key. */
function perhapsMade({ code, message, cause, status, requestId }: AuthError): AuthError {
  return new AuthError(code, message, {
    hint: 'There may be a key now that nobody has: look through the list of keys, and revoke it.',
    // To try again would make one more.
    retryable: false,
    status,
    requestId,
    cause,
  })
}

export async function listApiKeys(
  context: ApiKeyContext,
  { signal }: CallOptions,
): Promise<readonly ApiKeyRecord[]> {
  return call(context, '', { method: 'GET', idempotent: true, answer: apiKeyList, signal })
}

export async function getApiKey(
  context: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<ApiKeyRecord> {
  return call(context, idPath(id), {
    method: 'GET',
    idempotent: true,
    answer: apiKeyRecord,
    signal,
  })
}

/** ★19 The body has to be there, although it says nothing. Sent once: a second rotation would kill the first one's key. */
export async function rotateApiKey(
  context: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<CreatedApiKey> {
  return call(context, `${idPath(id)}/rotate`, {
    method: 'POST',
    body: {},
    idempotent: false,
    answer: createdApiKey,
    signal,
  })
}

export async function revokeApiKey(
  context: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<void> {
  await call(context, `${idPath(id)}/revoke`, {
    method: 'POST',
    body: {},
    idempotent: true,
    answer: anyAnswer,
    signal,
  })
}

export async function deleteApiKey(
  context: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<void> {
  await call(context, idPath(id), { method: 'DELETE', idempotent: true, answer: anyAnswer, signal })
}

function call<Schema extends RestCall['answer']>(
  { rest, url }: ApiKeyContext,
  path: string,
  request: Omit<RestCall<Schema>, 'url' | 'service'>,
) {
  return rest({ ...request, url: new URL(`${url}${path}`), service: 'Key management' })
}

function idPath(id: string): string {
  return `/${pathSegment(id, "key's id")}`
}

function requireName(name: string): void {
  if (typeof name === 'string' && name.trim() !== '') return
  throw new AuthError('validation_failed', 'An API key needs a name.', {
    hint: 'Name the machine or the program that the key is for.',
  })
}

function requireDays(days: number | undefined): void {
  if (days === undefined || (Number.isSafeInteger(days) && days > 0)) return
  throw new AuthError('validation_failed', 'expiresInDays is not a whole number of at least 1.', {
    hint: 'Give the life of the key in days, or leave it out.',
  })
}
