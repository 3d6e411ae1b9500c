import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createConsumer, packageName } from './package.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** A project outside of this repository, with the packed package as its only dependency. */
    consumer: string
    /** The package in there. */
    installed: string
  }
}

/** Packs and installs the package, once for all tests of a vitest project. */
export default async function setUpConsumer(project: TestProject) {
  const consumer = await createConsumer()
  project.provide('consumer', consumer)
  project.provide('installed', join(consumer, 'node_modules', packageName))
  return () => rm(consumer, { recursive: true })
}
