import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { diagrams } from '../../docs/build-diagrams.mjs'

it('each diagram is as its text says: node docs/build-diagrams.mjs', async () => {
  const drawn = await diagrams()
  expect(drawn.length).toBeGreaterThan(0)
  for (const { path, svg } of drawn) expect(await readFile(path, 'utf8'), path).toBe(svg)
})
