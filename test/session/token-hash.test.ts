import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { Secret } from '../../src/secret/secret.ts'
import { tokenHash } from '../../src/session/token-hash.ts'

it('recognises a token again without keeping it', async () => {
  for (const token of ['a', 'r'.repeat(86), 'é']) {
    const hash = await tokenHash(new Secret(token))
    expect(hash).toBe(createHash('sha256').update(token).digest('base64url'))
  }
})
