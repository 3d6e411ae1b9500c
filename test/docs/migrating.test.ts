import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const guide = new URL('../../docs/migrating.md', import.meta.url)

/** What `@lanonasis/oauth-client` 2.0.4 exports, read from its declarations; after a colon, what a program calls of it. */
const exported = `
APIKeyFlow: authenticate refreshToken validateAPIKey
ApiKeyData: apiKey organizationId environment createdAt expiresAt metadata
ApiKeyStorage: initialize store retrieve getApiKey hasApiKey clear isExpired updateMetadata
ApiKeyStorageWeb: store retrieve clear
AuthError
AuthGatewayClient: exchangeSupabaseToken refreshToken revokeToken validateToken verifyApiKey verifyToken introspectToken
AuthGatewayClientConfig AuthTokenType AuthValidationResult
BaseOAuthFlow: authenticate refreshToken revokeToken
DesktopOAuthFlow DeviceCodeResponse GrantType
MCPClient: connect request disconnect logout createMemory searchMemories getMemory updateMemory deleteMemory
MCPClientConfig: mcpEndpoint autoRefresh apiKey tokenStorage
MagicLinkConfig MagicLinkExchangeResponse
MagicLinkFlow: requestOTP verifyOTP resendOTP requestMagicLink requestMagicLinkWeb exchangeMagicLinkToken isValidEmail isValidOTPCode
OAuthConfig: clientId authBaseUrl redirectUri scope
OTPSendResponse OTPType OTPVerifyResponse PKCEChallenge Platform TerminalOAuthFlow
TokenExchangeOptions TokenExchangeResponse TokenResponse
TokenStorage: store retrieve clear isTokenExpired
TokenStorageAdapter TokenStorageWeb

COOKIE_NAMES DEFAULT_AUTH_GATEWAY DEFAULT_COOKIE_DOMAIN DEFAULT_POLL_INTERVAL DEFAULT_PROJECT_SCOPE
SSOConfig: authGatewayUrl projectScope cookieDomain onAuthChange pollInterval
SSOState SSOSyncConfig SSOUser SupabaseSession
UseSSOReturn: isAuthenticated isLoading user error refresh logout getLoginUrl
UseSSOSyncReturn: sync syncWithGateway
clearUserCookie hasAuthCookies hasSessionCookie isBrowser parseUserCookie useSSO useSSOSync

CookieOptions MiddlewareConfig NextFunction ServerRequest ServerResponse
getSSOUserFromRequest getSessionToken getSessionTokenFromRequest hasAuthCookiesServer hasSSOfromRequest
hasSessionCookieServer optionalAuth parseCookieHeader parseUserCookieServer requireAuth requireRole
validateSessionMiddleware
`

it('says what takes the place of each export of the old package, and of what is called of it', async () => {
  const text = await readFile(guide, 'utf8')
  const code = new Set(
    [...text.matchAll(/`[^`\n]+`/g)].flatMap(([quoted]) => quoted.match(/\w+/g) ?? []),
  )
  const names = exported.match(/\w+/g) ?? []
  expect(names.filter((name) => !code.has(name))).toEqual([])
})
