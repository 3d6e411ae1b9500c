import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { configPath, modeOf, readJson, temporaryDirectory } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn } from './accounts.ts'

describe.skipIf(process.platform === 'win32')('who can read the config file', () => {
  it('★30 makes a new file readable by its owner only', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('ada'))
    expect(await modeOf(path)).toBe('0600')
  })

  it('★30 tightens an existing file at its first write', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } }, { mode: 0o644 })
    await chmod(path, 0o644)
    await put(fileStore({ path }), production, signedIn('ada'))
    expect(await modeOf(path)).toBe('0600')
  })

  it('★30 tightens an existing file when it migrates it', async () => {
    const path = await configPath({ token: 'an-old-token' })
    await chmod(path, 0o644)
    await fileStore({ path }).read(production)
    expect(await modeOf(path)).toBe('0600')
  })

  it('★30 leaves the mode of a file alone that it only reads', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    await chmod(path, 0o644)
    await fileStore({ path }).read(production)
    expect(await modeOf(path)).toBe('0644')
  })

  it('★30 makes a set-aside copy readable by its owner only', async () => {
    const path = await configPath('no json, but perhaps secrets')
    await chmod(path, 0o644)
    await failure(fileStore({ path }).read(production))
    const [aside = ''] = await readdir(dirname(path))
    expect(await modeOf(join(dirname(path), aside))).toBe('0600')
  })

  it('★30 makes directories that are missing for their owner only', async () => {
    const directory = join(await temporaryDirectory(), 'one', 'two')
    await put(fileStore({ path: join(directory, 'config') }), production, signedIn('ada'))
    expect(await modeOf(directory)).toBe('0700')
    expect(await modeOf(dirname(directory))).toBe('0700')
  })

  it('★30 never changes the mode of a directory that was there', async () => {
    const path = await configPath()
    await chmod(dirname(path), 0o755)
    await put(fileStore({ path }), production, signedIn('ada'))
    expect(await modeOf(dirname(path))).toBe('0755')
  })
})

describe.skipIf(process.platform === 'win32')('a config file that is a symbolic link', () => {
  /** The file in a folder of its own, as dotfile managers have it, and a link where it is looked for. */
  async function linked(content: string | undefined) {
    const home = await temporaryDirectory()
    const target = join(home, 'dotfiles', 'maas.config')
    const path = join(home, '.maas.config')
    await mkdir(dirname(target))
    if (content !== undefined) await writeFile(target, content)
    await symlink(join('dotfiles', 'maas.config'), path)
    return { path, target, home }
  }

  it('★30 stays a link; the file it leads to is replaced', async () => {
    const { path, target } = await linked('{"theme":"dark"}')
    await put(fileStore({ path }), production, signedIn('ada'))
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
    expect(await readlink(path)).toBe(join('dotfiles', 'maas.config'))
    expect(await readJson(target)).toMatchObject({ theme: 'dark', auth: { tokens: {} } })
    expect(await modeOf(target)).toBe('0600')
  })

  it('★30 stays a link although it leads to no file yet', async () => {
    const { path, target } = await linked(undefined)
    await put(fileStore({ path }), production, signedIn('ada'))
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
    expect(await readJson(target)).toMatchObject({ auth: { tokens: {} } })
  })

  it('★30 stays a link when the file it leads to is set aside', async () => {
    const { path, target } = await linked('not json')
    expect(await failure(fileStore({ path }).read(production))).toMatchObject({
      code: 'store_corrupt',
    })
    const [aside = ''] = await readdir(dirname(target))
    expect(await readFile(join(dirname(target), aside), 'utf8')).toBe('not json')

    await put(fileStore({ path }), production, signedIn('ada'))
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
    expect(await accessTokenOf(fileStore({ path: target }), production)).toBe('access-of-ada')
  })
})
