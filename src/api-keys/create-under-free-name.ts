import { isAuthError } from '../errors/auth-error.ts'
import { type ApiKeyContext, createApiKey } from './requests.ts'
import type { CreatedApiKey, NewApiKey } from './types.ts'

const attempts = 3

/** Creates a key; a name that is taken gets a random suffix, because rotating the other key would kill it (★21). */
export async function createUnderFreeName(
  context: ApiKeyContext,
  key: NewApiKey,
  { signal }: { signal: AbortSignal | undefined },
): Promise<CreatedApiKey> {
  let name = key.name
  for (let attempt = 1; ; attempt++) {
    try {
      return await createApiKey(context, { ...key, name }, { signal })
    } catch (error) {
      if (attempt === attempts || !isAuthError(error, 'conflict')) throw error
      name = `${key.name}-${crypto.randomUUID().slice(0, 8)}`
    }
  }
}
