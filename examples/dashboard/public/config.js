// What differs between staging and production, so that one build serves both. The page's host puts its own here.
globalThis.dashboard = {
  clientId: 'my-dashboard',
  env: {
    AUTH_GATEWAY_URL: 'https://auth.lanonasis.com',
    MCP_HTTP_URL: 'https://mcp.lanonasis.com/api/v1',
    MCP_SSE_URL: 'https://mcp.lanonasis.com/api/v1/events',
  },
}
