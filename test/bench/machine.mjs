import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { root } from '../tools/paths.mjs'

/** Where numbers come from: without it they say nothing. */
export async function describeMachine() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    package: String(version),
  }
}
