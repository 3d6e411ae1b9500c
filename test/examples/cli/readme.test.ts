import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { type Machine, machine } from './machine.ts'

/** The commands below `path`, as its help lists them. */
async function commandsOf({ run }: Machine, path = ''): Promise<readonly string[]> {
  const { stdout } = await run(`${path} --help`)
  const [, list = ''] = /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(stdout) ?? []
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => `${path} ${name}`.trim())
  return names
}

/** The options of a command; those of every command are the program's. */
async function optionsOf({ run }: Machine, path: string): Promise<readonly string[]> {
  const { stdout } = await run(`${path} --help`)
  const [, list = ''] = /\nOptions:\n([\s\S]*?)(?:\n\n|$)/.exec(stdout) ?? []
  const names = [...list.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name ?? '')
  return names.filter((name) => name !== '--help' && name !== '--version')
}

it('has every command with every option in its table, and no other', async () => {
  const here = await machine()
  const groups = await commandsOf(here)
  const leaves = await Promise.all(
    groups.map(async (group) => {
      const below = await commandsOf(here, group)
      return below.length === 0 ? [group] : below
    }),
  )
  const found = await Promise.all(
    ['', ...leaves.flat()].map(async (path) => [path, await optionsOf(here, path)] as const),
  )
  const readme = await readFile(new URL('../../../examples/cli/README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `lanonasis ?([a-z ]*?)(?: [<[…][^`]*)?` \| (.*?) \|/gm)]
  const shown = rows.map(([, path = '', options = '']) => [
    path,
    [...options.matchAll(/--[\w-]+/g)].map(([name]) => name),
  ])
  const sorted = (entries: readonly (readonly unknown[])[]) =>
    entries
      .map(([path, options]) => `${path}: ${[...(options as string[])].sort().join(' ')}`)
      .sort()
  expect(found.length).toBeGreaterThan(18)
  expect(sorted(shown)).toEqual(sorted(found))
})
