import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { CallOptions } from '../http/call-options.ts'
import { type ApiKeyOwner, describeOwn } from './api-keys.ts'
import { type ApiKeyContext, createApiKey, getApiKey, revokeApiKey } from './requests.ts'
import type { ApiKeyRecord, CreatedApiKey, EnsuredApiKey, NewApiKey } from './types.ts'

const attempts = 3

/** Creates a key; a name that is taken gets a random suffix, because rotating the other key would kill it (★21). */
export async function createUnderFreeName(
  context: ApiKeyContext,
  key: NewApiKey,
  { signal }: CallOptions,
): Promise<CreatedApiKey> {
  let name = key.name
  for (let attempt = 1; ; attempt++) {
    try {
      return await createApiKey(context, { ...key, name }, { signal })
    } catch (error) {
      if (attempt === attempts || !isAuthError(error, 'conflict')) throw error
      name = suffixed(key.name)
    }
  }
}

/**
 * Replaces the key in use: create → verify → store → revoke the old. Whatever fails or dies in
 * between, a key that works is stored; at worst the service keeps one too many.
 */
export async function rotateOwnKey(
  owner: ApiKeyOwner,
  { signal }: CallOptions,
): Promise<EnsuredApiKey> {
  const { exclusively, current, context, verify } = owner
  return exclusively(signal, async () => {
    const old = await current()
    if (old === undefined) {
      throw new AuthError('not_found', 'There is no API key to rotate.', {
        hint: 'Get one with apiKeys.ensure().',
      })
    }
    if (old.id === undefined) {
      throw new AuthError(
        'not_found',
        `The service's id of the key ${old.publicId} is not known.`,
        {
          hint: 'It was not created by this program: rotate it in the dashboard, and set the new key.',
        },
      )
    }
    const management = await context()
    const created = await createSuccessor(management, old, { signal })
    try {
      await verify(created.key, signal)
    } catch (error) {
      await forget(management, created.id)
      throw error
    }
    const inUse = await putInUse(owner, created, old.id)
    // The new key is in use; that the old one lives on for a while is no reason to fail.
    if (inUse.created) await forget(management, old.id)
    return inUse
  })
}

/** Stores a new key. A sign-out or another key that came in between stands, and the new one is given up. */
export async function putInUse(
  { context, current, keep }: ApiKeyOwner,
  created: CreatedApiKey,
  replaces?: string,
): Promise<EnsuredApiKey> {
  if (await keep(created, replaces)) return describeOwn(created)
  await forget(await context(), created.id)
  const held = await current()
  if (held !== undefined) return held
  throw new AuthError('login_required', 'The person signed out while the API key was made.')
}

/** A new key like the old one, as the service describes it; a name alone where it does not know it any more. */
export async function createSuccessor(
  context: ApiKeyContext,
  { id, name }: { readonly id?: string | undefined; readonly name?: string | undefined },
  { signal }: CallOptions,
): Promise<CreatedApiKey> {
  const known = id === undefined ? undefined : await find(context, id, { signal })
  const successor = known === undefined ? { name: successorName(name) } : successorOf(known)
  return createUnderFreeName(context, successor, { signal })
}

async function find(
  context: ApiKeyContext,
  id: string,
  { signal }: CallOptions,
): Promise<ApiKeyRecord | undefined> {
  try {
    return await getApiKey(context, id, { signal })
  } catch (error) {
    if (isAuthError(error, 'not_found')) return undefined
    throw error
  }
}

const dayMs = 86_400_000

/** A key that may do the same and lives as long, under a name of its own. */
function successorOf(old: ApiKeyRecord): NewApiKey {
  const { name, accessLevel, description, permissions, createdAt, expiresAt } = old
  const lifeMs = expiresAt && createdAt && expiresAt.getTime() - createdAt.getTime()
  return {
    name: successorName(name),
    ...(accessLevel === undefined ? {} : { accessLevel }),
    ...(description === undefined ? {} : { description }),
    ...(permissions === undefined || permissions.length === 0 ? {} : { scopes: permissions }),
    ...(lifeMs === undefined ? {} : { expiresInDays: Math.max(1, Math.round(lifeMs / dayMs)) }),
  }
}

async function forget(context: ApiKeyContext, id: string): Promise<void> {
  try {
    await revokeApiKey(context, id, {})
  } catch (error) {
    if (!isAuthError(error)) throw error
  }
}

const suffix = /-[0-9a-f]{8}$/

function suffixed(name: string): string {
  return `${name}-${crypto.randomUUID().slice(0, 8)}`
}

function successorName(name = ''): string {
  return suffixed(name.replace(suffix, '') || 'key')
}
