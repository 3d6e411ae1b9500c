import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'
import { run } from '../../tools/process.mjs'
import { copyOf } from '../copies.ts'

/** What is started instead of an editor: it looks at what it was given, and whether the services are there. */
const editor = `#!${process.execPath}
const { AUTH_GATEWAY_URL: gateway } = process.env
fetch(gateway + '/.well-known/oauth-authorization-server').then(async (answer) => {
  const { issuer } = await answer.json()
  console.log(JSON.stringify({ args: process.argv.slice(2), isThere: issuer === gateway }))
})
`

let copy: string
beforeAll(async () => {
  copy = await copyOf('vscode')
})

describe('the README of the extension', () => {
  it('has one command, that opens an editor with it on services of its own', async () => {
    const command = join(await temporaryDirectory(), 'editor')
    await writeFile(command, editor)
    await chmod(command, 0o755)
    const env = { EDITOR_COMMAND: command }
    const { code, stdout } = await run(process.execPath, ['try.mjs'], { cwd: copy, env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Sign in as \S+@\S+ with the password "\S.*"/)
    const { args, isThere } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
    expect(args).toContain(`--extensionDevelopmentPath=${copy}`)
    expect(isThere).toBe(true)
  })

  it('says so where the editor is not to be had', async () => {
    const env = { EDITOR_COMMAND: 'no-such-editor' }
    const { code, stderr } = await run(process.execPath, ['try.mjs'], { cwd: copy, env })
    expect(code).toBe(1)
    expect(stderr).toContain('Name your editor’s command in EDITOR_COMMAND.')
  })

  it('names every command and every file', async () => {
    const readme = await readFile(join(copy, 'README.md'), 'utf8')
    const { contributes } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8'))
    for (const { title } of contributes.commands) expect(readme).toContain(title)
    for (const [file] of readme.matchAll(/src\/[\w-]+\.ts/g)) {
      expect(await readFile(join(copy, file), 'utf8')).not.toBe('')
    }
  })
})

describe('what the extension is packed with', () => {
  it('is its two entries and nothing that it was made from', async () => {
    const { stdout } = await run('npx', ['--no-install', 'vsce', 'ls', '--no-dependencies'], {
      cwd: copy,
    })
    const files = stdout.trim().split('\n').sort()
    const expected = ['dist/desktop.js', 'dist/web.js', 'media/lanonasis.svg', 'package.json']
    expect(files).toEqual(['README.md', ...expected])
  })
})
