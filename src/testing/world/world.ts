import { type ClientStore, createClientStore } from '../accounts/clients.ts'
import { createSessionStore, type SessionStore } from '../accounts/sessions.ts'
import { createUserStore, type UserStore } from '../accounts/users.ts'
import { type CodeStore, createCodeStore } from '../gateway/code-store.ts'
import { createDeviceStore, type DeviceStore } from '../gateway/device-store.ts'
import { createJwtSessionStore, type JwtSessionStore } from '../gateway/jwt-sessions.ts'
import { createTokenStore, type TokenStore } from '../gateway/token-store.ts'
import { createLimiter, type Limiter } from '../http/rate-limit.ts'
import { type ApiKeyStore, createApiKeyStore } from '../keys/key-store.ts'
import { createMemoryStore, type MemoryStore } from '../memory/memory-store.ts'
import type { PlatformClock } from '../platform/clock.ts'
import type { PlatformSettings } from '../platform/options.ts'

/** All that the services know and share: the database behind them. */
export interface World {
  readonly settings: PlatformSettings
  readonly clock: PlatformClock
  readonly users: UserStore
  readonly clients: ClientStore
  readonly sessions: SessionStore
  readonly codes: CodeStore
  readonly tokens: TokenStore
  readonly jwts: JwtSessionStore
  readonly devices: DeviceStore
  readonly keys: ApiKeyStore
  readonly memories: MemoryStore
  readonly limiter: Limiter
  /** Origins whose pages may call the gateway (★8). */
  readonly corsOrigins: Set<string>
}

/** The person who is there from the start. */
export const defaultUser = { email: 'ada@example.com', password: 'correct horse' } as const

export function createWorld(settings: PlatformSettings, clock: PlatformClock): World {
  const { now } = clock
  const { accessTokenTtlMs, refreshTokenTtlMs, endpoints, clientCache } = settings
  const users = createUserStore()
  users.add(defaultUser)
  return {
    settings,
    clock,
    users,
    clients: createClientStore(now, { cached: clientCache }),
    sessions: createSessionStore(now),
    codes: createCodeStore(now),
    tokens: createTokenStore({ now, accessTokenTtlMs, refreshTokenTtlMs }),
    jwts: createJwtSessionStore({
      now,
      issuer: endpoints.authGateway,
      accessTokenTtlMs,
      refreshTokenTtlMs,
    }),
    devices: createDeviceStore(now),
    keys: createApiKeyStore(now),
    memories: createMemoryStore(now),
    limiter: createLimiter(now),
    corsOrigins: new Set([...settings.corsOrigins, new URL(endpoints.authGateway).origin]),
  }
}
