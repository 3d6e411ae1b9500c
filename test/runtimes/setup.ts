import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureRuntime, type Program } from '../tools/programs.mjs'

type Name = 'node20' | 'node22' | 'node24' | 'node26' | 'bun' | 'deno' | 'miniflare'

declare module 'vitest' {
  interface ProvidedContext {
    programs: Record<Name, Program>
  }
}

/** Installs the runtimes that are not there yet, and puts what they run beside the installed package. */
export default async function prepareRuntimes(project: TestProject) {
  const { consumer } = project.getProvidedContext()
  for (const folder of ['portable', 'programs']) {
    await cp(join(import.meta.dirname, folder), join(consumer, folder), { recursive: true })
  }
  const [node20, node22, node24, node26, bun, deno, miniflare] = await Promise.all([
    find('node20'),
    find('node22'),
    find('node24'),
    find('node26'),
    find('bun'),
    find('deno'),
    find('miniflare'),
  ])
  project.provide('programs', { node20, node22, node24, node26, bun, deno, miniflare })
}

/** The Node.js that runs the tests, where it is one of those that are wanted; of Node.js 20 it is the oldest that counts. */
async function find(name: Name): Promise<Program> {
  const own = `node${process.versions.node.split('.')[0]}`
  return name === own && name !== 'node20' ? { path: process.execPath } : ensureRuntime(name)
}
