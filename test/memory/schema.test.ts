import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import {
  memoryAnswer,
  memoryList,
  memoryStats,
  toPage,
  withScore,
} from '../../src/memory/schema.ts'

const record = {
  id: 'm-1',
  title: 'Example',
  content: 'Details',
  tags: ['a'],
  metadata: { source: 'cli' },
  created_at: '2026-06-01T00:00:00.000Z',
  updated_at: '2026-06-02T00:00:00.000Z',
}
const memory = {
  id: 'm-1',
  title: 'Example',
  content: 'Details',
  type: 'project',
  tags: ['a'],
  metadata: { source: 'cli' },
  createdAt: new Date('2026-06-01T00:00:00.000Z'),
  updatedAt: new Date('2026-06-02T00:00:00.000Z'),
}
const newer = { ...record, memory_type: 'project' }
const older = { ...record, type: 'project' }
const page = (body: unknown, asked = {}) => toPage(z.parse(memoryList, body), asked)

describe('one memory', () => {
  it.each([
    ['bare, with type', older, older],
    ['bare, with memory_type', newer, newer],
    ['in data', { data: newer }, newer],
    ['in data, with success', { success: true, data: older }, older],
    ['in memory', { memory: older }, older],
    ['in data and memory', { data: { memory: newer } }, newer],
  ])('★22 is found %s', (_where, body, raw) => {
    expect(z.parse(memoryAnswer, body)).toEqual({ ...memory, raw })
  })

  it('★22 is itself, though it has a field of the name of a wrapper', () => {
    const body = { ...older, data: { id: 'other' }, memory: { id: 'other' } }
    expect(z.parse(memoryAnswer, body).id).toBe('m-1')
  })

  it('has everything that is missing as an empty value, or not at all', () => {
    expect(z.parse(memoryAnswer, { id: 'm-1' })).toEqual({
      id: 'm-1',
      title: '',
      content: '',
      type: 'context',
      tags: [],
      metadata: {},
      raw: { id: 'm-1' },
    })
  })

  it('shares no empty value with another memory', () => {
    const [one, other] = page([{ id: 'm-1' }, { id: 'm-2' }]).items
    expect(one?.tags).not.toBe(other?.tags)
    expect(one?.metadata).not.toBe(other?.metadata)
  })

  it('keeps the fields that have no name here, and leaves out dates that are none', () => {
    const found = z.parse(memoryAnswer, { ...older, created_at: 'yesterday', shared_with: [1] })
    expect(found).not.toHaveProperty('createdAt')
    expect(found.raw).toMatchObject({ shared_with: [1] })
  })

  it.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ data: null }],
    [{ data: {} }],
    [{ id: '' }],
  ])('is not %j', (body) => {
    expect(z.safeParse(memoryAnswer, body).success).toBe(false)
  })
})

describe('a page of memories', () => {
  it.each([
    ['a list', [newer]],
    ['data', { data: [newer] }],
    ['memories', { memories: [newer] }],
    ['results', { results: [newer] }],
    ['data and memories', { data: { memories: [newer] } }],
  ])('★22 is found as %s', (_where, body) => {
    expect(page(body).items).toEqual([{ ...memory, raw: newer }])
  })

  it('★22 says where it stands, in the form of the newer servers', () => {
    const pagination = { total: 5, limit: 2, offset: 2, has_next: true, page: 2, pages: 3 }
    expect(page({ data: [newer, newer], pagination })).toMatchObject({
      total: 5,
      limit: 2,
      offset: 2,
      hasMore: true,
    })
    expect(page({ data: [newer], pagination: { ...pagination, has_next: false } }).hasMore).toBe(
      false,
    )
  })

  it('★22 says where it stands, in the form of the older servers', () => {
    const pagination = { page: 2, limit: 2, total: 5, pages: 3 }
    expect(page({ memories: [older, older], pagination })).toMatchObject({
      total: 5,
      limit: 2,
      offset: 2,
      hasMore: true,
    })
    const last = { ...pagination, page: 3 }
    expect(page({ memories: [older], pagination: last })).toMatchObject({
      offset: 4,
      hasMore: false,
    })
  })

  it('★22 starts where it was asked to, though a page number cannot say so', () => {
    const pagination = { page: 2, limit: 2, total: 5, pages: 3 }
    expect(page({ memories: [older, older], pagination }, { offset: 3, limit: 2 })).toMatchObject({
      offset: 3,
      hasMore: false,
    })
  })

  it('says what it can where nobody says where it stands', () => {
    expect(page([newer], { offset: 4, limit: 1 })).toEqual({
      items: [expect.anything()],
      limit: 1,
      offset: 4,
      hasMore: true,
    })
    expect(page([newer], { limit: 2 }).hasMore).toBe(false)
    expect(page([]).hasMore).toBe(false)
  })

  it('reads a page whose own numbers are unusable', () => {
    const pagination = { total: 'many', limit: null, has_next: 1 }
    expect(page({ data: [newer], pagination }, { limit: 1 })).toMatchObject({ limit: 1, offset: 0 })
  })

  it.each([[undefined], [{}], [{ data: {} }], [{ data: [{ title: 'no id' }] }], ['<html>']])(
    'is not %j',
    (body) => {
      expect(z.safeParse(memoryList, body).success).toBe(false)
    },
  )

  it('never throws, whatever the answer is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const schema of [memoryAnswer, memoryList, memoryStats]) z.safeParse(schema, body)
      }),
    )
  })
})

describe('statistics', () => {
  it.each([
    [{ data: { total_memories: 3, memories_by_type: { project: 3 } } }],
    [{ total_memories: 3, memories_by_type: { project: 3 } }],
    [{ stats: { total: 3, by_type: { project: 3 } } }],
  ])('★22 are found in %j', (body) => {
    expect(z.parse(memoryStats, body)).toMatchObject({ total: 3, byType: { project: 3 } })
  })

  it('are not an answer without a number', () => {
    expect(z.safeParse(memoryStats, { total: 'many' }).success).toBe(false)
  })
})

describe('a search result', () => {
  it.each(['similarity_score', 'score', 'similarity'])('has its likeness from %s', (name) => {
    const found = z.parse(memoryAnswer, { ...older, [name]: 0.5 })
    expect(withScore(found)).toMatchObject({ id: 'm-1', score: 0.5 })
  })

  it('has none where the service does not say', () => {
    expect(withScore(z.parse(memoryAnswer, { ...older, score: 'high' }))).not.toHaveProperty(
      'score',
    )
  })
})
