import { expect, it } from 'vitest'
import { LanonasisClient } from '../../../src/index.ts'
import { examine, statuses } from '../examine.ts'

/** What is said of the addresses of a client that is made so, without any request. */
async function addressesOf(options: object) {
  const client = new LanonasisClient({ clientId: 'lanonasis-cli', env: {}, ...options })
  const { findings } = await client.doctor({ only: ['endpoints'] })
  return findings.map(({ status, what }) => `${status}: ${what}`)
}

it('each address is named with where it came from', async () => {
  expect(
    await addressesOf({
      env: { AUTH_GATEWAY_URL: 'https://auth.example', MCP_HTTP_URL: '' },
      endpoints: { restApi: 'https://rest.example/api/v1/' },
    }),
  ).toEqual([
    'ok: https://auth.example (AUTH_GATEWAY_URL)',
    'ok: https://mcp.lanonasis.com/api/v1 (the default)',
    'ok: wss://mcp.lanonasis.com/ws (the default)',
    'ok: https://mcp.lanonasis.com/api/v1/events (the default)',
    'ok: https://rest.example/api/v1 (the endpoints option)',
  ])
  expect((await addressesOf({ environment: 'staging' }))[0]).toBe(
    'ok: https://auth.lanonasis.com:3005 (the environment option)',
  )
})

it('★1 an address from a file is a warning that names the setting', async () => {
  const findings = await examine('endpoints', {
    client: {
      endpoints: {},
      services: { mcp_http: 'https://elsewhere.example/api/v1' },
    },
  })
  expect(statuses(findings)).toEqual(['ok', 'warning', 'ok', 'ok', 'ok'])
  expect(findings[1]).toMatchObject({
    service: 'mcpHttp',
    what: 'https://elsewhere.example/api/v1 (the config file)',
    hint: expect.stringMatching(/set MCP_HTTP_URL.*services\.mcp_http/),
  })
})
