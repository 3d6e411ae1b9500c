import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { apiKeyList, apiKeyRecord, createdApiKey } from '../../src/api-keys/schema.ts'

const key = `lano_${'0a'.repeat(32)}`
const record = {
  id: 'id-1',
  name: 'my-laptop',
  access_level: 'authenticated',
  permissions: ['memories:read'],
  is_active: true,
  created_at: '2026-06-01T00:00:00.000Z',
}

describe('the answer to creating an API key', () => {
  it.each([
    ['bare', { ...record, key }],
    ['in data', { success: true, data: { ...record, key }, message: 'Save the key' }],
  ])('★22 holds the key once, %s', (_where, body) => {
    const created = z.parse(createdApiKey, body)
    expect(created).toMatchObject({
      id: 'id-1',
      name: 'my-laptop',
      publicId: 'lano_0a0',
      kind: 'lano',
      active: true,
      accessLevel: 'authenticated',
      permissions: ['memories:read'],
      createdAt: new Date('2026-06-01T00:00:00.000Z'),
    })
    expect(created.key).toBe(key)
  })

  it("puts the roadmap's two halves together", () => {
    const created = z.parse(createdApiKey, { data: { key_id: 'pk_1', key_secret: 'sk_2' } })
    expect(created.key).toBe('pk_1.sk_2')
    expect(created).toMatchObject({ id: 'pk_1', publicId: 'pk_1', kind: 'pk', name: '' })
  })

  it('shows the key to who asks for it, and to nobody who prints, spreads or serialises', () => {
    const created = z.parse(createdApiKey, { ...record, key })
    for (const shown of [JSON.stringify(created), inspect(created), inspect({ ...created })]) {
      expect(shown).not.toContain(key)
    }
  })

  it.each([
    ['nothing', undefined],
    ['no key', record],
    ['half a key', { ...record, key: 'pk_1' }],
    ['no secret half', { ...record, key_id: 'pk_1' }],
    ['a hash', { ...record, key: '0a'.repeat(32) }],
    ['something that is no key', { ...record, key: 'see the dashboard' }],
  ])('is not valid with %s, and the failure does not repeat it', (_what, body) => {
    const parsed = z.safeParse(createdApiKey, body)
    expect(parsed.success).toBe(false)
    expect(inspect(parsed.error, { depth: 10 })).not.toMatch(/0a0a|dashboard/)
  })
})

describe('a record of an API key', () => {
  it('has no key in it', () => {
    expect(z.parse(apiKeyRecord, { data: { ...record, key } })).not.toHaveProperty('key')
  })

  it('says that the key was revoked, and when it ends', () => {
    const body = { ...record, is_active: false, expires_at: '2026-07-01T00:00:00.000Z' }
    expect(z.parse(apiKeyRecord, body)).toMatchObject({
      active: false,
      expiresAt: new Date('2026-07-01T00:00:00.000Z'),
    })
  })

  it('leaves out what it cannot read', () => {
    const body = { id: 'id-1', created_at: 'yesterday', permissions: 'all', access_level: 1 }
    expect(z.parse(apiKeyRecord, body)).toEqual({ id: 'id-1', name: '', active: true })
  })

  it.each([
    ['a list', [record]],
    ['data', { data: [record] }],
    ['keys', { keys: [record] }],
    ['data and keys', { data: { keys: [record] } }],
  ])('is found in a list that is %s', (_where, body) => {
    expect(z.parse(apiKeyList, body)).toMatchObject([{ id: 'id-1' }])
  })

  it('is never anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const schema of [createdApiKey, apiKeyRecord, apiKeyList]) z.safeParse(schema, body)
      }),
    )
  })
})
