/** The services by their variables, as everywhere; without them it is production. */
export default { envPrefix: ['AUTH_GATEWAY_', 'MCP_'] }
