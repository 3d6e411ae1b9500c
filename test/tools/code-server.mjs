import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache } from './paths.mjs'
import { run } from './process.mjs'
import { isServedHere } from './programs.mjs'

/** @typedef {import('./programs.mjs').Program} Program */

/** VS Code 1.100, for Node.js 20; and a newer one for Node.js 24, whose web extension host needs nothing from elsewhere. */
const versions = { node20: '4.100.3', node24: '4.139.1' }

/**
 * VS Code in a browser, with its real extension hosts: on Node.js, and in a web worker. Installed on first use into
 * a folder of its own, without running any install script.
 *
 * @param {keyof typeof versions} [runtime]
 * @returns {Promise<Program>}
 */
export async function ensureCodeServer(runtime = 'node20') {
  const version = versions[runtime]
  const folder = join(cache, `code-server-${version}`)
  const program = join(folder, 'node_modules/code-server/out/node/entry.js')
  const editor = join(folder, 'node_modules/code-server/lib/vscode')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { path: program }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), manifestFor(version))
  for (const cwd of [folder, editor, join(editor, 'extensions')]) {
    const omitted = cwd === folder ? [] : ['--omit=dev']
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', ...omitted]
    const { code, stderr } = await run('npm', ['install', ...flags], { cwd })
    if (code !== 0) {
      const last = stderr.trim().split('\n').at(-1) ?? ''
      const missing = `npm could not install code-server ${version}. ${last}`.trim()
      return { missing, refused: isServedHere }
    }
  }
  // Where the editor looks for its modules.
  const modules = join(editor, 'node_modules.asar')
  if (!existsSync(modules)) await symlink('node_modules', modules)
  await writeFile(complete, '')
  return { path: program }
}

/** @param {string} version */
function manifestFor(version) {
  return JSON.stringify({
    private: true,
    dependencies: { 'code-server': version },
    // The one that it asks for has to be compiled.
    overrides: { argon2: '0.44.0' },
  })
}
