import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const guide = new URL('../../docs/consumers.md', import.meta.url)
const text = readFileSync(guide, 'utf8')
const links = [...text.matchAll(/\]\((?<path>[^)#]+)\)/g)].map(({ groups }) => groups?.path ?? '')

describe('the map of the roadmap', () => {
  it('leads to what there is', () => {
    expect(links.length).toBeGreaterThan(120)
    expect(links.filter((path) => !existsSync(fileURLToPath(new URL(path, guide))))).toEqual([])
  })

  it.each([
    ...['0', '1.1', '1.2', '1.3', '1.4', '1.5', '2.1', '2.2', '2.3', '2.4', '3.1', '3.2', '3.3'],
    ...['4.1', '4.2', '4.3', '4.4', '5.1', '5.2', '5.3'],
    ...['Phase 0', 'Phase 1', 'Phase 2', 'Phase 3', 'Phase 4', 'Phase 5', '8', 'A', 'B', 'C'],
  ])('says what became of item %s', (item) => {
    expect(text).toMatch(new RegExp(`^\\| ${item}\\b`, 'm'))
  })

  it('names a test for each item that is not the work of another side', () => {
    const [items = '', missing] = text.split('## What is not there')
    expect(missing).toBeDefined()
    const rows = items.split('\n').filter((line) => /^\| (?!item|---)/.test(line))
    const untested = rows.filter((row) => !row.includes('.test.ts') && !row.includes('other side'))
    expect(untested).toEqual([])
  })

  it('says of what is not there whether it is planned, out of reach, or the work of another side', () => {
    const [, missing = ''] = text.split('## What is not there')
    const rows = missing.split('\n').filter((line) => /^\| (?!wanted|---)/.test(line))
    expect(rows.length).toBeGreaterThan(3)
    for (const row of rows) expect(row).toMatch(/\| (planned|out of reach|other side)/)
  })

  it.each([
    ...['AUTH_GATEWAY_URL', 'MCP_HTTP_URL', 'MCP_WS_URL', 'MCP_SSE_URL', 'API_BASE_URL'],
    ...['CSRF', '`user_id`', 'SUPABASE_SERVICE_ROLE_KEY', 'form-action'],
  ])('speaks of %s', (name) => {
    expect(text).toContain(name)
  })
})
