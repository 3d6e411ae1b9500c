import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('../../src/testing/', import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.startsWith('node'),
)

describe('the entry ./testing', () => {
  it.each([...files, '../testing.ts'])('%s runs anywhere and prints nothing', (path) => {
    const code = readFileSync(new URL(path, folder), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '')
    expect(code).not.toMatch(
      /['"]node:|\/node\/|\b(process|Buffer|document|window|console|global)\./,
    )
  })
})
