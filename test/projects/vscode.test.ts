import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { expect, it, onTestFinished, vi } from 'vitest'
import { servePlatform } from '../../src/testing-node.ts'
import { type DesktopWindow, desktop } from '../support/vscode-api.ts'
import { type FreshProject, freshProject } from './fresh-project.ts'
import { rememberSomething } from './person.ts'
import { bundled, versionsOf } from './scaffolds.ts'

it('the bundle of a new extension signs in, and shows memories', async () => {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  await rememberSomething(platform)
  const project = await freshProject('my-extension', {
    manifest: {
      scripts: {
        build:
          'tsc && esbuild src/extension.ts --bundle --platform=node --external:vscode --outfile=dist/extension.js',
      },
      devDependencies: versionsOf('@types/vscode', 'esbuild', 'typescript'),
    },
    files: {
      'tsconfig.json': {
        // The types of the editor ask for no others, and so no more are there.
        compilerOptions: { ...bundled, types: ['vscode'], lib: ['ES2023', 'DOM'] },
        include: ['src'],
      },
    },
  })
  const manifest = JSON.parse(await readFile(join(project.folder, 'package.json'), 'utf8'))
  const window = desktop({
    extensionId: `${manifest.publisher}.${manifest.name}`,
    browse: async (url) => void (await fetch(await platform.signIn(url))),
  }).open()
  onTestFinished(() => window.deactivate())
  for (const [name, value] of Object.entries(platform.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())

  const { commands, picks } = await activate(project, { main: manifest.main, window })
  expect([...commands.keys()]).toEqual(
    manifest.contributes.commands.map(({ command }: { command: string }) => command),
  )
  for (const command of commands.values()) await command()
  expect(picks).toEqual([['Written by a tool']])
  expect(window.opened).toHaveLength(1)
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
})

/** Loads the bundle as the editor does, with a model of the editor in the place of `vscode`. */
async function activate(
  { folder }: FreshProject,
  { main, window }: { readonly main: string; readonly window: DesktopWindow },
) {
  const commands = new Map<string, () => Promise<void>>()
  const picks: unknown[] = []
  const vscode = {
    ...window.vscode,
    window: { ...window.vscode.window, showQuickPick: async (one: unknown) => picks.push(one) },
    commands: {
      registerCommand(name: string, command: () => Promise<void>) {
        commands.set(name, command)
        return { dispose() {} }
      },
    },
  }
  const path = join(folder, main)
  const nodeRequire = createRequire(path)
  const module = { exports: { activate: (_: object): void => {} } }
  const require = (name: string) => (name === 'vscode' ? vscode : nodeRequire(name))
  const code = await readFile(path, 'utf8')
  compileFunction(code, ['module', 'exports', 'require'], { filename: path })(
    module,
    module.exports,
    require,
  )
  module.exports.activate(window.context)
  return { commands, picks }
}
