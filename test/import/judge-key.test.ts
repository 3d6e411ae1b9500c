import { describe, expect, it } from 'vitest'
import { presets } from '../../src/endpoints/presets.ts'
import { resolveEndpoints } from '../../src/endpoints/resolve.ts'
import type { Reading } from '../../src/import/content.ts'
import { judgeKey } from '../../src/import/judge-key.ts'

const item = {
  type: 'api-key',
  text: 'pk_0123456789abcdef.sk_0123456789abcdef0123456789abcdef',
  id: 'key-1',
  name: 'my-laptop',
} as const

const reading: Reading = {
  place: 'file',
  location: '~/.maas.config',
  content: { format: 'maas-config', items: [item], problems: [] },
}

function idFor(clientId: string, given: Partial<Reading>): unknown {
  const verdict = judgeKey(
    item,
    { ...reading, ...given },
    {
      clientId,
      issuer: presets.production.authGateway,
      endpoints: resolveEndpoints({ env: {} }),
      assumedIssuer: presets.production.authGateway,
      now: 0,
    },
  )
  return 'usable' in verdict && 'id' in verdict.usable ? verdict.usable.id : 'unusable'
}

describe('the id of an imported API key, by which it is revoked and replaced', () => {
  it('comes along where the key was of this very client', () => {
    expect(idFor('lanonasis-cli', { clientId: 'lanonasis-cli' })).toBe('key-1')
    expect(idFor('lanonasis-cli', {})).toBe('key-1')
  })

  it.each([
    ['by what keeps the place', { clientId: 'lanonasis-cli' }],
    ['by the content', { content: { ...reading.content, clientId: 'lanonasis-cli' } }],
    ['by what is known of the place', { othersSession: true }],
  ])('stays with another program, which goes on using the key: %s', (_, given) => {
    expect(idFor('vscode-extension', given)).toBe(undefined)
  })
})
