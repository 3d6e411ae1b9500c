/**
 * Where the Lanonasis services are: absolute URLs without a trailing slash.
 * @see the roadmap's Appendix A for the ports behind them
 */
export interface Endpoints {
  /** The OAuth 2 authorization server, for example `https://auth.lanonasis.com`. It is the issuer of all tokens. */
  readonly authGateway: string
  /** MCP Core over HTTP (memories, API keys), for example `https://mcp.lanonasis.com/api/v1`. */
  readonly mcpHttp: string
  /** MCP Core over WebSocket, for example `wss://mcp.lanonasis.com/ws`. */
  readonly mcpWs: string
  /** MCP Core over server-sent events, for example `https://mcp.lanonasis.com/api/v1/events`. */
  readonly mcpSse: string
  /** The older REST services, for example `https://api.lanonasis.com/api/v1`. */
  readonly restApi: string
}

/** One of the services of {@link Endpoints}. */
export type ServiceName = keyof Endpoints

/** A named set of endpoints. `staging` differs from `production` in the gateway, and so in the issuer. */
export type Environment = 'production' | 'staging'

const production: Endpoints = {
  authGateway: 'https://auth.lanonasis.com',
  mcpHttp: 'https://mcp.lanonasis.com/api/v1',
  mcpWs: 'wss://mcp.lanonasis.com/ws',
  mcpSse: 'https://mcp.lanonasis.com/api/v1/events',
  restApi: 'https://api.lanonasis.com/api/v1',
}

export const presets: Readonly<Record<Environment, Endpoints>> = {
  production,
  staging: { ...production, authGateway: 'https://auth.lanonasis.com:3005' },
}

/** How each service is called where people set it: by the environment, and in the config file's `services`. */
export const settings = {
  authGateway: { variable: 'AUTH_GATEWAY_URL', field: 'auth_gateway', scheme: 'http' },
  mcpHttp: { variable: 'MCP_HTTP_URL', field: 'mcp_http', scheme: 'http' },
  mcpWs: { variable: 'MCP_WS_URL', field: 'mcp_ws', scheme: 'ws' },
  mcpSse: { variable: 'MCP_SSE_URL', field: 'mcp_sse', scheme: 'http' },
  restApi: { variable: 'API_BASE_URL', field: 'rest_api', scheme: 'http' },
} as const satisfies Record<ServiceName, { variable: string; field: string; scheme: 'http' | 'ws' }>

export const serviceNames = Object.keys(settings) as readonly ServiceName[]
