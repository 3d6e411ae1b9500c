import type { User } from '../accounts/users.ts'
import type { World } from '../world/world.ts'
import { type JwtSession, projectScope } from './jwt-sessions.ts'

/** What the JWT family's sign-ins answer. */
export function jwtAnswer(
  world: World,
  { session, user }: { readonly session: JwtSession; readonly user: User },
): Record<string, unknown> {
  return {
    token_type: 'Bearer',
    access_token: session.accessToken,
    refresh_token: session.refreshToken,
    expires_in: Math.floor(world.settings.accessTokenTtlMs / 1000),
    user: { id: user.id, email: user.email, role: 'authenticated', project_scope: projectScope },
  }
}
