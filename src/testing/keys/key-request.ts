import * as z from 'zod/mini'
import type { ServiceError } from '../http/envelopes.ts'
import type { ParsedBody } from '../http/exchange.ts'
import type { Identity } from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import type { NewApiKey } from './key-store.ts'

const body = z.object({
  name: z.string().check(z.trim(), z.minLength(1)),
  access_level: z.optional(z.string()),
  description: z.optional(z.nullable(z.string())),
})
// These two are left to the database, which fails with a 500 where the caller is at fault (★20).
const unchecked = z.object({
  expires_in_days: z.optional(z.number().check(z.positive(), z.maximum(3650))),
  scopes: z.optional(z.array(z.string())),
})

const day = 24 * 3600 * 1000
const readOnly = ['memories:read']
const readAndWrite = ['memories:read', 'memories:write']
const accessLevels: Readonly<Record<string, readonly string[]>> = {
  public: readOnly,
  authenticated: readAndWrite,
  team: readAndWrite,
  admin: readAndWrite,
  enterprise: readAndWrite,
}

/** What a create body asks for, or what is wrong with it. */
export function keyRequest(
  world: World,
  given: { readonly body: ParsedBody; readonly owner: Identity },
): NewApiKey | ServiceError {
  const checked = body.safeParse(given.body.fields)
  if (!checked.success) {
    return { status: 400, message: 'API key name is required', code: 'INVALID_REQUEST' }
  }
  const { name, access_level: accessLevel = 'authenticated', description } = checked.data
  const permissions = Object.hasOwn(accessLevels, accessLevel)
    ? accessLevels[accessLevel]
    : undefined
  if (permissions === undefined) {
    return { status: 400, message: 'Invalid access level', code: 'INVALID_REQUEST' }
  }
  const rest = unchecked.safeParse(given.body.fields)
  if (!rest.success) {
    return { status: 500, message: 'Failed to create API key', code: 'CREATE_KEY_ERROR' }
  }
  const userId = given.owner.user.id
  if (world.keys.all.some((key) => key.userId === userId && key.name === name)) {
    return { status: 409, message: `API key "${name}" already exists`, code: 'KEY_EXISTS' }
  }
  const { expires_in_days: days, scopes } = rest.data
  return {
    userId,
    name,
    accessLevel,
    permissions: scopes ?? permissions,
    description: description ?? undefined,
    expiresAt: days === undefined ? undefined : world.clock.now() + days * day,
    form: world.settings.generation === 'roadmap' ? 'roadmap' : 'lano',
  }
}
