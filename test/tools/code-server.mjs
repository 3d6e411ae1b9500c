import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache } from './paths.mjs'
import { run } from './process.mjs'

/** @typedef {import('./programs.mjs').Program} Program */

const version = '4.100.3'

/**
 * VS Code 1.100 in a browser, with its real extension host on Node.js. Installed on first use into a
 * folder of its own, without running any install script.
 *
 * @returns {Promise<Program>}
 */
export async function ensureCodeServer() {
  const folder = join(cache, `code-server-${version}`)
  const program = join(folder, 'node_modules/code-server/out/node/entry.js')
  const editor = join(folder, 'node_modules/code-server/lib/vscode')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { path: program }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), manifest)
  for (const cwd of [folder, editor, join(editor, 'extensions')]) {
    const omitted = cwd === folder ? [] : ['--omit=dev']
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', ...omitted]
    const { code, stderr } = await run('npm', ['install', ...flags], { cwd })
    if (code !== 0) {
      const last = stderr.trim().split('\n').at(-1) ?? ''
      return { missing: `npm could not install code-server ${version}. ${last}`.trim() }
    }
  }
  // Where the editor looks for its modules.
  const modules = join(editor, 'node_modules.asar')
  if (!existsSync(modules)) await symlink('node_modules', modules)
  await writeFile(complete, '')
  return { path: program }
}

const manifest = JSON.stringify({
  private: true,
  dependencies: { 'code-server': version },
  // The one that it asks for has to be compiled.
  overrides: { argon2: '0.44.0' },
})
