import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'
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

it('is shorter than 40 lines', async () => {
  const program = await readFile(join(folder, 'src/remember.ts'), 'utf8')
  expect(program.split('\n').length).toBeLessThan(40)
})
