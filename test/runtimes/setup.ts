import type { TestProject } from 'vitest/node'
import { ensureRuntime, ensureSystemProgram, type Program } from '../tools/programs.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    programs: Record<'node24' | 'bun' | 'deno' | 'miniflare' | 'chromium', Program>
  }
}

const chromium = {
  names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
  package: 'chromium',
}

/** Installs the runtimes that are not there yet. */
export default async function installRuntimes(project: TestProject) {
  const [node24, bun, deno, miniflare, browser] = await Promise.all([
    ensureRuntime('node24'),
    ensureRuntime('bun'),
    ensureRuntime('deno'),
    ensureRuntime('miniflare'),
    ensureSystemProgram(chromium),
  ])
  project.provide('programs', { node24, bun, deno, miniflare, chromium: browser })
}
