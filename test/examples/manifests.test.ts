import { describe, expect, it } from 'vitest'
import { version } from '../../package.json' with { type: 'json' }
import { exampleNames, readManifest } from '../tools/example.mjs'

describe.each(await exampleNames())('examples/%s', async (name) => {
  const { manifest, library, others, files } = await readManifest(name)

  it('is a package that a team can copy, and nobody publishes', () => {
    expect(manifest.private).toBe(true)
    expect(manifest.engines?.node).toBe('>=20.19')
    expect(Object.keys(manifest.scripts ?? {})).toEqual(expect.arrayContaining(['build', 'try']))
    expect(files).toEqual(expect.arrayContaining(['README.md', 'tsconfig.json', 'src']))
  })

  it('takes this version of the library and its successors, and exact versions of all else', () => {
    expect(library).toBe(`^${version}`)
    for (const range of Object.values(others)) expect(range).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('has no lock file, which would name a registry', () => {
    expect(files).not.toContain('package-lock.json')
  })
})
