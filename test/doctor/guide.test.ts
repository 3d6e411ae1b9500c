import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { checks } from '../../src/doctor/checks.ts'

it('the guide lists the checks that there are, in their order', async () => {
  const guide = await readFile(new URL('../../docs/doctor.md', import.meta.url), 'utf8')
  const section = guide.split('## What is looked at')[1]?.split('\n## ')[0] ?? ''
  const listed = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, id]) => id)
  expect(listed).toEqual(checks.map(({ id }) => id))
})

it('each check has a name of its own, and says what it is about', () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
  for (const { title } of checks) expect(title).toMatch(/^[A-Z].+[^.]$/)
})
