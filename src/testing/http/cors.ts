import type { ServiceName } from '../../endpoints/presets.ts'

/** What a service says to a page of another origin. */
export interface CorsVerdict {
  /** The gateway fails with a 500 on `/oauth/*` for origins that are not on its list. */
  readonly refused: boolean
  readonly headers: Readonly<Record<string, string>>
}

const silent: CorsVerdict = { refused: false, headers: {} }

/** Headers that a page may send, by service: no service takes all that a client might like to send (★8). */
const openServices = {
  mcp: 'Content-Type, Authorization, X-API-Key',
  rest: 'Content-Type, Authorization, X-API-Key, X-Request-ID',
} as const

/** Judges a request by its `Origin`. */
export function judgeOrigin(given: {
  readonly service: ServiceName
  readonly path: string
  readonly origin: string | null
  readonly allowed: ReadonlySet<string>
}): CorsVerdict {
  const { service, path, origin, allowed } = given
  if (origin === null) return silent
  if (service !== 'authGateway') {
    return {
      refused: false,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
        'access-control-allow-headers':
          service === 'restApi' ? openServices.rest : openServices.mcp,
      },
    }
  }
  const isOAuth = path.startsWith('/oauth/')
  if (!allowed.has(origin)) return { refused: isOAuth, headers: {} }
  return {
    refused: false,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': isOAuth
        ? 'GET, POST, OPTIONS'
        : 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': isOAuth
        ? 'Content-Type, Authorization, X-Requested-With'
        : 'Content-Type, Authorization, X-Request-ID, X-Project-Scope, X-Requested-With',
      'access-control-expose-headers':
        'X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
      vary: 'Origin',
    },
  }
}
