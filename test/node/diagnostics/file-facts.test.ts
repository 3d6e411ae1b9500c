import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileFacts } from '../../../src/node/diagnostics/file-facts.ts'
import { temporaryDirectory } from '../../support/directories.ts'

const hasModes = process.platform !== 'win32'

describe('what can be seen of a file', () => {
  it.runIf(hasModes)('is its mode, and that it can be replaced', async () => {
    const path = join(await temporaryDirectory(), 'config')
    await writeFile(path, '{}')
    await chmod(path, 0o644)
    expect(await fileFacts(path)).toEqual({ mode: 0o644, writable: true })
    await chmod(path, 0o400)
    expect(await fileFacts(path)).toEqual({ mode: 0o400, writable: true })
  })

  it('is no mode where the system has none', async () => {
    const path = join(await temporaryDirectory(), 'config')
    await writeFile(path, '{}')
    expect(await fileFacts(path, 'win32')).toEqual({ mode: undefined, writable: true })
  })

  it.runIf(hasModes)('is that of the file a link leads to', async () => {
    const directory = await temporaryDirectory()
    const [file, link] = [join(directory, 'file'), join(directory, 'link')]
    await writeFile(file, '{}')
    await chmod(file, 0o640)
    await symlink(file, link)
    expect(await fileFacts(link)).toMatchObject({ mode: 0o640 })
  })

  it('is nothing where there is none', async () => {
    expect(await fileFacts(join(await temporaryDirectory(), 'config'))).toBeUndefined()
  })
})
