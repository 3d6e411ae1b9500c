import { copyFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { root, tool } from '../tools/paths.mjs'
import { run } from '../tools/process.mjs'

const consumer = inject('consumer')
const programs = join(root, 'test/package/consumer')

const strictest = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: false,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2022',
}

beforeAll(async () => {
  await copyFile(join(programs, 'program.ts'), join(consumer, 'program.mts'))
  await copyFile(join(programs, 'program.ts'), join(consumer, 'program.cts'))
  await copyFile(join(programs, 'page.ts'), join(consumer, 'page.mts'))
  await symlink(join(root, 'node_modules/@types'), join(consumer, 'node_modules/@types'))
})

async function compile(name: string, options: { files: string[]; compilerOptions: object }) {
  const project = join(consumer, `tsconfig.${name}.json`)
  const compilerOptions = { ...strictest, ...options.compilerOptions }
  await writeFile(project, JSON.stringify({ files: options.files, compilerOptions }))
  const { stdout } = await run(tool('tsc'), ['--pretty', 'false', '--project', project], {
    cwd: consumer,
  })
  return stdout
}

describe('a strict consumer compiles', () => {
  it('as Node.js resolves it, for import and for require', async () => {
    const files = ['program.mts', 'program.cts']
    const compilerOptions = { module: 'node16', moduleResolution: 'node16', types: ['node'] }
    expect(await compile('node16', { files, compilerOptions })).toBe('')
  })

  it('as a bundler resolves it', async () => {
    const files = ['program.mts']
    const compilerOptions = { module: 'esnext', moduleResolution: 'bundler', types: ['node'] }
    expect(await compile('bundler', { files, compilerOptions })).toBe('')
  })

  it('for a browser, without the types of Node.js', async () => {
    const compilerOptions = {
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [],
      lib: ['es2022', 'dom'],
    }
    expect(await compile('browser', { files: ['page.mts'], compilerOptions })).toBe('')
  })
})
