import type { User } from '../accounts/users.ts'
import { projectScope } from '../gateway/jwt-sessions.ts'
import type { ApiKeyRecord } from '../keys/key-store.ts'
import { defaultUser, type World } from '../world/world.ts'
import type { Platform } from './platform.ts'

type Provisioning = Pick<
  Platform,
  | 'issueTokens'
  | 'issueLegacyToken'
  | 'createApiKey'
  | 'addMemory'
  | 'expireAccessTokens'
  | 'revokeTokens'
  | 'revokeApiKey'
  | 'expireApiKey'
>

/** What a test does behind the services' backs: no request, no log, no limit. */
export function createProvisioning(world: World): Provisioning {
  const { tokens, jwts, keys, memories, clock, settings } = world
  let keyCount = 0

  const userOf = (email: string = defaultUser.email): User => {
    const user = world.users.find(email)
    if (user === undefined)
      throw new Error(`The platform has no user ${email}; call addUser first.`)
    return user
  }
  const keyOf = (id: string): ApiKeyRecord => {
    const record = keys.all.find((candidate) => candidate.id === id)
    if (record === undefined) throw new Error(`The platform has no API key ${id}.`)
    return record
  }

  return {
    async issueTokens({ clientId = 'lanonasis-cli', scope, family = 'opaque', email } = {}) {
      const user = userOf(email)
      if (family === 'jwt') {
        const session = await jwts.open(user, clientId)
        const { accessToken, refreshToken, expiresAt } = session
        return { accessToken, refreshToken, tokenType: 'Bearer', expiresAt, scope: projectScope }
      }
      const granted = (scope ?? 'memories:read memories:write').split(' ')
      const pair = tokens.issue({ clientId, userId: user.id, scope: granted })
      const { accessToken, refreshToken, accessExpiresAt: expiresAt } = pair
      return { accessToken, refreshToken, tokenType: 'Bearer', expiresAt, scope: granted.join(' ') }
    },
    issueLegacyToken: async ({ email } = {}) => jwts.issueLegacy(userOf(email)),
    async createApiKey(options = {}) {
      keyCount += 1
      const { expiresInMs, scopes = ['memories:read', 'memories:write'] } = options
      const { record, key } = await keys.create({
        userId: userOf(options.email).id,
        name: options.name ?? `key-${keyCount}`,
        accessLevel: options.accessLevel ?? 'authenticated',
        permissions: scopes,
        expiresAt: expiresInMs === undefined ? undefined : clock.now() + expiresInMs,
        form: options.form ?? (settings.generation === 'roadmap' ? 'roadmap' : 'lano'),
      })
      return { id: record.id, key }
    },
    addMemory({ title, content = title, type = 'context', tags = [], metadata = {}, email }) {
      return memories.create(userOf(email), { title, content, type, tags, metadata })
    },
    expireAccessTokens() {
      const now = clock.now()
      for (const pair of tokens.all) pair.accessExpiresAt = Math.min(pair.accessExpiresAt, now)
      for (const session of jwts.all) session.expiresAt = Math.min(session.expiresAt, now)
    },
    revokeTokens(clientId) {
      for (const pair of tokens.all) {
        if (clientId === undefined || pair.clientId === clientId) tokens.revokeFamily(pair.family)
      }
      for (const session of jwts.all) {
        if (clientId === undefined || session.clientId === clientId) session.revoked = true
      }
    },
    revokeApiKey(id) {
      keyOf(id).active = false
    },
    expireApiKey(id) {
      keyOf(id).expiresAt = clock.now()
    },
  }
}
