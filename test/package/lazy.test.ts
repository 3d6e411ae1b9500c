import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { chunkGraph } from '../tools/chunks.mjs'
import { bytesOf, evaluatedFiles } from '../tools/evaluated.mjs'
import { packageName, readEntries } from '../tools/package.mjs'

const consumer = inject('consumer')
const installed = inject('installed')
const formats = ['esm', 'cjs'] as const
const entries = await readEntries()
const measured = [packageName, `${packageName}/node`, `${packageName}/browser`]

/**
 * What an import reads, a command line waits for, whatever it is going to do. CommonJS spells every
 * imported name with its chunk's, which makes the same code a tenth longer.
 */
const maxBytes = { esm: 60 * 1024, cjs: 66 * 1024 }

/** Text that is in a library's code and nowhere else. */
const marks = {
  zod: 'ZodMiniType',
  'eventsource-parser': 'Cannot feed parser',
  ky: 'ForceRetryError',
  oauth4webapi: 'OAUTH_INVALID_RESPONSE',
  uqr: 'Version value out of range',
  ws: 'permessage-deflate',
}

async function librariesIn(files: readonly string[]) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return Object.entries(marks)
    .filter(([, mark]) => texts.some((text) => text.includes(mark)))
    .map(([library]) => library)
}

describe.each(formats)('as %s', (format) => {
  it.each(measured)('%s is light to import', async (entry) => {
    const files = await evaluatedFiles(entry, { format, cwd: consumer })
    const own = files.filter((file) => file.startsWith(installed))

    expect(own).not.toEqual([])
    expect(await librariesIn(own)).toEqual([])
    expect(bytesOf(own)).toBeLessThanOrEqual(maxBytes[format])
  })

  it.each([
    [packageName, ['zod', 'eventsource-parser', 'ky', 'oauth4webapi']],
    // Its flow for other devices draws QR codes.
    [`${packageName}/node`, ['zod', 'eventsource-parser', 'ky', 'oauth4webapi', 'uqr']],
  ])('%s holds the libraries, for first use', async (entry, libraries) => {
    const file = entries[entry]?.[format === 'esm' ? 'import' : 'require'] ?? ''
    const { files } = await chunkGraph(join(installed, file))
    expect(await librariesIn(files)).toEqual(libraries)
  })
})
