import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'
import { root } from '../../tools/paths.mjs'
import { run } from '../../tools/process.mjs'
import { copyOf } from '../copies.ts'

let folder: string
beforeAll(async () => {
  folder = await copyOf('node')
})

it('signs in, writes a memory and lists it, with one command', async () => {
  const home = await temporaryDirectory()
  const { code, stdout } = await run('npm', ['run', '--silent', 'try'], {
    cwd: folder,
    env: { HOME: home },
  })
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Example\n' })
})

it('is what the README shows', async () => {
  const program = await readFile(join(folder, 'src/remember.ts'), 'utf8')
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, shown = ''] = /A program on Node\.js.*?```ts\n(.*?)```/s.exec(readme) ?? []
  const calls = [...shown.matchAll(/lanonasis\.\w+(?:\.\w+)?/g)].map(([call]) => call)
  expect(calls).not.toEqual([])
  for (const call of calls) expect(program).toContain(call)
  expect(program.split('\n').length).toBeLessThan(40)
})
