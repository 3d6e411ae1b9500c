/** How MCP Core calls itself. */
export const serverInfo = { name: 'lanonasis-mcp-core', version: '1.0.0' } as const
