import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { pack } from './package.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the copies of the examples are, outside of this repository: see `test/examples/copies.ts`. */
    examples: string
  }
}

/** Packs the library once, and has a place for the copies of the examples, which are made on first use. */
export default async function setUpExamples(project: TestProject) {
  await pack()
  const folder = await mkdtemp(join(tmpdir(), 'lanonasis-examples-'))
  project.provide('examples', folder)
  return () => rm(folder, { recursive: true, force: true })
}
