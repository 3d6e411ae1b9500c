/**
 * Tries an example with the library as it is here: npm run example cli
 *
 * It is copied to a folder outside of this repository, installed and built there, and its `try` is run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleNames, prepareExample } from './example.mjs'

const [name = '', ...args] = process.argv.slice(2)
const names = await exampleNames()
if (!names.includes(name)) {
  console.error(`Name one of the examples: ${names.join(', ')}`)
  process.exit(2)
}
const folder = await mkdtemp(join(tmpdir(), 'lanonasis-example-'))
const target = join(folder, name)
// Ctrl-C is for the example; when it has ended, so have we.
process.on('SIGINT', () => {})
try {
  await prepareExample(name, target)
  const child = spawn('npm', ['run', '--silent', 'try', '--', ...args], {
    cwd: target,
    stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  process.exitCode = code ?? 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
