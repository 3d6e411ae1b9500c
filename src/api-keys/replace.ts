import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { ApiKeyOwner } from './owner.ts'
import { type ApiKeyContext, createApiKey, getApiKey, revokeApiKey } from './requests.ts'
import { hideKey } from './schema.ts'
import type {
  ApiKeyRecord,
  CreatedApiKey,
  EnsuredApiKey,
  HandOverOptions,
  NewApiKey,
  ReplacedApiKey,
} from './types.ts'

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
        hint: 'Create one first.',
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
    await deliver(management, created, () => verify(created.key, signal))
    const inUse = await putInUse(owner, created, old.id)
    // The new key is in use: that the old one lives on is for the caller to know, and no reason to fail.
    return inUse.created ? { ...inUse, replaced: await retire(management, old.id) } : inUse
  })
}

/**
 * Replaces the key of another program: create → verify → hand over → revoke the old. Whatever fails or
 * dies in between, a key that works is where it is used; at worst the service keeps one too many.
 */
export async function replaceKey(
  { context, verify, forget }: ApiKeyOwner,
  {
    id,
    handOver,
    signal,
  }: {
    readonly id: string
    readonly handOver: HandOver
    readonly signal?: AbortSignal | undefined
  },
): Promise<CreatedApiKey> {
  const management = await context()
  const old = await getApiKey(management, id, { signal })
  if (!old.active) {
    throw new AuthError('validation_failed', 'The key to rotate is revoked.', {
      hint: 'A new one would bring back what was taken away: create a key where one is needed.',
    })
  }
  const created = await createUnderFreeName(management, successorOf(old), { signal })
  await deliver(management, created, async () => {
    await verify(created.key, signal)
    await handOver(created)
  })
  // From here on the new key is in use: too late to be called off.
  const replaced = await retire(management, id)
  // It may be the stored one, behind a key that was given. What cannot be forgotten now is refused later.
  if (replaced.revoked) await forget(id).catch(() => {})
  return hideKey(created.key, { ...created, replaced })
}

/** Makes a key for another program, which gets it or never has it. */
export async function createAndHandOver(
  context: ApiKeyContext,
  key: NewApiKey,
  { handOver, signal }: { readonly handOver: HandOver; readonly signal?: AbortSignal | undefined },
): Promise<CreatedApiKey> {
  const created = await createApiKey(context, key, { signal })
  await deliver(context, created, async () => handOver(created))
  return created
}

/**
 * Stores a new key. A sign-out or another key that came in between stands, and the new one is given up.
 * @throws AuthError `login_required`; `api_key_left_over` where the session that could revoke it is gone as well;
 * `store_unavailable` and others of the store, with the id of the key
 */
export async function putInUse(
  { context, current, keep }: ApiKeyOwner,
  created: CreatedApiKey,
  replaces?: string,
): Promise<EnsuredApiKey> {
  const isKept = await keep(created, replaces).catch((error) => {
    throw isAuthError(error) ? unstored(created, error) : error
  })
  if (isKept) return describeOwn(created)
  // Nobody has its secret; what is to be said is what came in between.
  const { error: refusal } = await retire(await context(), created.id)
  const held = await current()
  if (held !== undefined) return held
  const error = new AuthError('login_required', 'The person signed out while the API key was made.')
  throw refusal === undefined ? error : leftOver(created, { refusal, error })
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

type HandOver = NonNullable<HandOverOptions['handOver']>

/**
 * Brings a new key to where it is used, or takes it back.
 * @throws what `work` throws; AuthError `api_key_left_over` where the key is alive all the same
 */
async function deliver(
  context: ApiKeyContext,
  created: CreatedApiKey,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const { error: refusal } = await retire(context, created.id)
    throw refusal === undefined ? error : leftOver(created, { refusal, error })
  }
}

/** A new key that nobody has, and that could not be revoked: somebody has to look after it. */
function leftOver(
  { id }: CreatedApiKey,
  { refusal, error }: { readonly refusal: AuthError; readonly error: unknown },
): AuthError {
  const { status, requestId } = refusal
  // A code of its own: programs that say each code in their own words, or nothing at all to `aborted`, name no key.
  const message = `A new API key could neither be used nor revoked: ${id} is alive.`
  return new AuthError('api_key_left_over', message, {
    hint: `Revoke the key ${id}: nobody uses it. A key that it was to replace is as it was.`,
    status,
    requestId,
    cause: error,
  })
}

/** Not revoked: what does not answer may have stored it all the same. */
function unstored({ id }: CreatedApiKey, error: AuthError): AuthError {
  return new AuthError(error.code, `The new API key ${id} could not be stored: ${error.message}`, {
    hint: `${error.hint} Then see whether the key ${id} is the one in use, and revoke it if not.`,
    // Again would be one more key.
    retryable: false,
    cause: error,
  })
}

/** Revokes a key, and says whether that was so. */
async function retire(context: ApiKeyContext, id: string): Promise<ReplacedApiKey> {
  try {
    await revokeApiKey(context, id, {})
    return { id, revoked: true }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { id, revoked: false, error }
  }
}

const suffix = /-[0-9a-f]{8}$/

function suffixed(name: string): string {
  return `${name}-${crypto.randomUUID().slice(0, 8)}`
}

function successorName(name = ''): string {
  return suffixed(name.replace(suffix, '') || 'key')
}

/** What is said of a key that was just made. */
function describeOwn({ publicId, kind, id, name }: CreatedApiKey): EnsuredApiKey {
  return { publicId, kind, id, name, created: true }
}
