import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { troubleshooting } from '../../docs/build-troubleshooting.mjs'
import { errorDefinitions } from '../../src/errors/definitions.ts'

const guide = new URL('../../docs/troubleshooting.md', import.meta.url)

describe('the guide to troubleshooting', () => {
  it('is as the definitions of the codes say: node docs/build-troubleshooting.mjs', async () => {
    expect(await readFile(guide, 'utf8')).toBe(await troubleshooting())
  })

  it('has a section for each code, with its hint, and for nothing else', async () => {
    const text = await readFile(guide, 'utf8')
    const sections = [...text.matchAll(/^### (?<code>\w+)$/gm)].map(({ groups }) => groups?.code)
    expect(sections.toSorted()).toEqual(Object.keys(errorDefinitions).toSorted())
    for (const { hint } of Object.values(errorDefinitions)) expect(text).toContain(hint)
  })
})
